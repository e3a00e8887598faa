// Draws a film picture by picture and its beats as sound, has both encoded and written as WebM; answers it in base64.
import {
  AudioSample, AudioSampleSource, BufferTarget, CanvasSource, Output, Quality, WebMOutputFormat,
} from "/mediabunny.mjs";

const SAMPLES = 48000;

export async function encode({ film, draw, beats }, { bits, key }) {
  const { width, height, rate, seconds } = film;
  const canvas = new OffscreenCanvas(width, height);
  const pictures = new CanvasSource(canvas, { codec: "vp9", quality: new Quality({ bitrate: bits }), keyFrameInterval: key });
  const sound = new AudioSampleSource({ codec: "opus", quality: new Quality({ bitrate: 16_000 }) });
  const output = new Output({ format: new WebMOutputFormat(), target: new BufferTarget() });
  output.addVideoTrack(pictures, { frameRate: rate });
  output.addAudioTrack(sound);
  await output.start();
  const pen = canvas.getContext("2d");
  const samples = knocks(seconds, beats());
  for (let second = 0; second < seconds; second += 1) {
    for (let n = second * rate; n < (second + 1) * rate; n += 1) {
      draw(pen, n / rate);
      await pictures.add(n / rate, 1 / rate);
    }
    await sound.add(heard(samples, second));
  }
  await output.finalize();
  return base64(new Uint8Array(output.target.buffer));
}

const heard = (samples, second) =>
  new AudioSample({
    data: samples.slice(second * SAMPLES, (second + 1) * SAMPLES),
    format: "f32-planar",
    numberOfChannels: 1,
    sampleRate: SAMPLES,
    timestamp: second,
  });

// A short wooden knock at each beat. The sound ends before the pictures, so that the film is as long as these.
function knocks(seconds, beats) {
  const samples = new Float32Array((seconds - 0.1) * SAMPLES);
  for (const beat of beats)
    for (let n = 0; n < 0.06 * SAMPLES; n += 1) {
      const at = Math.round(beat * SAMPLES) + n;
      if (at < samples.length) samples[at] = 0.5 * Math.exp(-n / 500) * Math.sin((2 * Math.PI * 880 * n) / SAMPLES);
    }
  return samples;
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
