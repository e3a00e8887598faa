// A button that prints the page; without script it is not shown (CSS hides it until it is started).
export default function print(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
