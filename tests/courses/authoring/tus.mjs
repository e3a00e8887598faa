// Another's client for uploads: `tus.mjs ADDRESS FILE HEADERS ABOUT PIECE`. Sends the file, goes on by itself where the
// line breaks, and says how often it had to and what came of it.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [address, file, headers, about, piece] = process.argv.slice(2);
const said = { pieces: 0, retried: 0, went_on_at: [] };
const done = await new Promise((settle) => {
  const upload = new Upload(readFileSync(file), {
    endpoint: address,
    headers: JSON.parse(headers),
    metadata: JSON.parse(about),
    chunkSize: Number(piece) || Infinity,
    retryDelays: [500, 1000, 2000, 4000],
    onShouldRetry: (wrong) => {
      said.retried += 1;
      const status = wrong.originalResponse?.getStatus() ?? 0;
      return status < 400 || status >= 500 || status === 409;
    },
    onAfterResponse: (request, answer) => {
      if (request.getMethod() === "HEAD") said.went_on_at.push(Number(answer.getHeader("Upload-Offset")));
    },
    onChunkComplete: () => {
      said.pieces += 1;
    },
    onError: (wrong) => settle({ error: wrong.originalResponse?.getStatus() ?? String(wrong), why: wrong.originalResponse?.getBody() }),
    onSuccess: () => settle({ url: upload.url }),
  });
  upload.start();
});
process.stdout.write(JSON.stringify({ ...said, ...done }));
