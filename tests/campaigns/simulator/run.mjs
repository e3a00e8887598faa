// `run.mjs CHECKOUT FILE`: runs the schedules that the file names, and writes what came of each as a line of JSON.
import { readFileSync } from "node:fs";
import { Schedule } from "./schedule.mjs";
import { Sources } from "./realm.mjs";

const [checkout, file] = process.argv.slice(2);
const { common, schedules, planted } = JSON.parse(readFileSync(file, "utf8"));
for (const { seed, ...own } of schedules) {
  const report = await new Schedule({ ...common, ...own }, new Sources(checkout, planted), seed).run();
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
process.exit(0);
