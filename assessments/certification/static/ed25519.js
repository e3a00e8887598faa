// Whether an Ed25519 signature holds (RFC 8032): by the browser where it can, else in whole numbers. What is checked is
// public, so that it does not matter how long it takes; it takes a few milliseconds.
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a, m = P) => ((a % m) + m) % m;

function power(base, exponent) {
  let made = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) made = mod(made * b);
  return made;
}

const inverse = (a) => power(a, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);

// A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
const point = (x, y) => ({ X: x, Y: y, Z: 1n, T: mod(x * y) });
const ZERO = point(0n, 1n);

function add(p, q) {
  const a = mod((p.Y - p.X) * (q.Y - q.X));
  const b = mod((p.Y + p.X) * (q.Y + q.X));
  const c = mod(2n * D * p.T * q.T);
  const d = mod(2n * p.Z * q.Z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) };
}

function times(n, p) {
  let made = ZERO;
  for (let q = p, k = n; k > 0n; k >>= 1n, q = add(q, q)) if (k & 1n) made = add(made, q);
  return made;
}

function number(bytes) {
  let made = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) made = (made << 8n) | BigInt(bytes[i]);
  return made;
}

// The point that 32 bytes stand for, or null.
function decode(bytes) {
  const whole = number(bytes);
  const [sign, y] = [whole >> 255n, whole & ((1n << 255n) - 1n)];
  if (y >= P) return null;
  const x = rootOf(mod(y * y - 1n), mod(D * y * y + 1n));
  if (x === null || (x === 0n && sign === 1n)) return null;
  return point((x & 1n) === sign ? x : P - x, y);
}

// The square root of u/v, or null.
function rootOf(u, v) {
  let x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square === mod(-u)) x = mod(x * ROOT);
  else if (square !== u) return null;
  return x;
}

function encode({ X, Y, Z }) {
  const inverted = inverse(Z);
  const [x, y] = [mod(X * inverted), mod(Y * inverted)];
  let whole = y | ((x & 1n) << 255n);
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++, whole >>= 8n) bytes[i] = Number(whole & 255n);
  return bytes;
}

const BASE = decode(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

export async function inWholeNumbers(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [R, S, A] = [signature.slice(0, 32), number(signature.slice(32)), decode(key)];
  if (A === null || S >= L) return false;
  const said = new Uint8Array([...R, ...key, ...message]);
  const k = mod(number(new Uint8Array(await crypto.subtle.digest("SHA-512", said))), L);
  const minus = { X: mod(-A.X), Y: A.Y, Z: A.Z, T: mod(-A.T) };
  const made = encode(add(times(S, BASE), times(k, minus)));
  return made.every((byte, i) => byte === R[i]);
}

async function byTheBrowser(key, message, signature) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

export default async function verify(key, message, signature) {
  try {
    return await byTheBrowser(key, message, signature);
  } catch {
    return inWholeNumbers(key, message, signature); // a browser that does not know the curve
  }
}
