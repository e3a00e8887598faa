// Where the tabs are wider than the screen, the one the reader is on comes into sight.
export default function tabs(nav) {
  const here = nav.querySelector("[aria-current]");
  const row = here?.closest("ul");
  if (row) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
