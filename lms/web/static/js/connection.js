// One line says that the network is gone; it changes nothing else on the page.
export default function connection(line) {
  const show = () => {
    line.textContent = navigator.onLine ? "" : line.dataset.offline;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
