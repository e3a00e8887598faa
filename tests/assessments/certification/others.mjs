// Another's reader of signed credentials: `others.mjs FILE`, where FILE holds {"keys": …, "texts": […]}. Says for each
// text what its claims are, or null where it is refused.
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const { keys, texts, now } = JSON.parse(readFileSync(process.argv[2], "utf8"));
// jose finds a key by the name it has in the set; a credential names the address of its key.
const set = createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kid: key.address })) });
const options = { algorithms: ["EdDSA"], currentDate: now ? new Date(now) : undefined };
const read = (text) => jwtVerify(text, set, options).then(({ payload, protectedHeader }) => ({ payload, protectedHeader })).catch(() => null);
process.stdout.write(JSON.stringify(await Promise.all(texts.map(read))));
