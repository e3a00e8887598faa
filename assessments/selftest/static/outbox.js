// Answers of self-tests on their way to the centre.
import { Outbox } from "../lms/js/outbox.js";

const MOST = 20;

const seconds = (since) => Math.min(2 ** 30, Math.max(0, Math.round((Date.now() - since) / 1000)));

const body = (answers) => ({
  answers: answers.map(({ id, item, answer, felt, at }) => ({ id, item, answer, felt, ago: seconds(at) })),
});

export const outboxOf = ({ person, csrf, tell }) =>
  new Outbox({ store: `selftest-${person}`, token: csrf, body, most: MOST, tell });
