// Drives the tablet's clock through a day: says as JSON what it showed. Called with the folder that holds its script.
import { pathToFileURL } from "node:url";

const { Clock, clocked } = await import(pathToFileURL(`${process.argv[2]}/clock.mjs`));
const start = Date.parse("2026-11-22T08:00:00.000Z");
const time = { wall: start, steady: 0 };
const go = (milliseconds, steady = milliseconds) => {
  time.wall += milliseconds;
  time.steady += steady;
};
const clock = new Clock({ wall: () => time.wall, steady: () => time.steady });
const shown = {};
const look = (name) => (shown[name] = [new Date(clock.now()).toISOString(), clock.own]);

look("before");
clock.agree("2026-11-22T08:05:00.000Z", start + 0.5); // the tablet is five minutes slow; half a millisecond of way
look("agreed");
go(60_000);
look("minute");
go(3_600_000, 40); // asleep: the steady clock stood still
look("slept");
clock.agree("2026-11-22T09:06:00.000Z");
go(1_000 - 86_400_000, 1_000); // somebody set the clock back by a day
look("set_back");
go(2_000);
look("after");
shown.device = new Date(clock.device()).toISOString();
shown.whole = Number.isInteger(clock.now());
clock.lose();
shown.lost = clock.own;
const later = new Clock({ wall: () => time.wall, steady: () => time.steady });
later.remember(clock.offset);
shown.remembered = [new Date(later.now()).toISOString(), later.own];
shown.words = [clocked(65), clocked(-5), clocked(0)];
console.log(JSON.stringify(shown));
