// The RFC 8785 form of plain values: what is hashed and signed is the same text on the tablet and at the centre. Holds for
// what a sheet is made of: words, whole numbers, yes and no, nothing, lists, and objects of these.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const there = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${there.sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
