// Other people's readers of questions: `others.mjs gift FILE`, `others.mjs qti PACKAGE OUT`.
import { readFileSync } from "node:fs";

const [what, file, out] = process.argv.slice(2);
if (what === "gift") {
  const { default: gift } = await import("gift-pegjs");
  process.stdout.write(JSON.stringify(gift.parse(readFileSync(file, "utf8"))));
} else {
  const { convertPackageFile } = await import("@citolab/qti-convert/qti-convert-node");
  console.log = () => {};
  await convertPackageFile(file, out);
}
