// A place to drop a file: the input stays what is sent, so that all works without this.
const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

export default function fileDrop(frame) {
  const input = frame.querySelector("input[type=file]");
  const words = frame.querySelector(".drop-words");
  const before = words.textContent;
  const show = () => {
    const names = [...input.files].map((file) => `${file.name} (${size(file.size)})`);
    words.textContent = names.length ? `${frame.dataset.chosen} ${names.join(", ")}` : before;
    frame.classList.toggle("drop-full", names.length > 0);
  };
  const over = (event) => {
    event.preventDefault();
    frame.classList.toggle("drop-over", event.type === "dragover");
  };
  frame.addEventListener("dragover", over);
  frame.addEventListener("dragleave", over);
  frame.addEventListener("drop", (event) => {
    over(event);
    if (!event.dataTransfer.files.length) return;
    const taken = new DataTransfer();
    const files = input.multiple ? event.dataTransfer.files : [event.dataTransfer.files[0]];
    for (const file of files) taken.items.add(file);
    input.files = taken.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", show);
  show();
}
