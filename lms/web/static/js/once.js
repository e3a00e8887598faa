// A form is sent once: a second tap on the button does nothing while the first is on its way.
export default function once(form) {
  let sent = false;
  const button = () => form.querySelector("button[type=submit], button:not([type])");
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    form.setAttribute("aria-busy", "true");
    button()?.classList.add("is-busy");
  });
  // Coming back with the Back button, the page may be the very one that was sent.
  addEventListener("pageshow", () => {
    sent = false;
    form.removeAttribute("aria-busy");
    button()?.classList.remove("is-busy");
  });
}
