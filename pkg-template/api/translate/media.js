// Pictures, sound and documents inside a message.
import { names } from './records.js';

/** A Gemini `inlineData` as a content part of OpenAI's. */
export function contentPart(blob, detail) {
  const mimeType = blob.text('mimeType')?.toLowerCase();
  // Google reads both alphabets of base64, a data URL has one.
  const data = blob.text('data')?.replace(/-/g, '+').replace(/_/g, '/') ?? '';
  const url = `data:${mimeType};base64,${data}`;
  if (IMAGES.has(mimeType)) return { type: 'image_url', image_url: { url, ...(detail && { detail }) } };
  const format = SOUNDS.exec(mimeType)?.[1];
  if (format) return { type: 'input_audio', input_audio: { data, format: format === 'wav' ? format : 'mp3' } };
  if (mimeType === PDF) return { type: 'file', file: { filename: blob.text('displayName') ?? 'document.pdf', file_data: url } };
  return blob.lose('mimeType', 'OpenAI takes PNG, JPEG, WEBP, GIF, WAV, MP3 and PDF');
}

/** A content part of OpenAI's, other than text, as a part of Gemini's. */
export function inlineData(part) {
  const { type } = part.of;
  if (type === 'image_url') return ofDataURL(part.inside(type, names('url detail')), 'url', READ);
  if (type === 'file') return ofDataURL(part.inside(type, names('file_data'), {}, { filename: 'Gemini sees no names of files' }), 'file_data', names(PDF));
  const audio = part.inside('input_audio', names('data format'));
  const format = audio.only('format', names('wav mp3'), 'expected wav or mp3');
  return { inlineData: { mimeType: `audio/${format}`, data: audio.text('data') } };
}

function ofDataURL(media, name, types) {
  const url = media.of[name];
  const match = /^data:([\w.+-]+\/[\w.+-]+)(?:;[^;,]*)*?;base64,/i.exec(typeof url === 'string' ? url.slice(0, 200) : '');
  const mimeType = match?.[1].toLowerCase();
  if (types.has(mimeType)) return { inlineData: { mimeType, data: url.slice(match[0].length) } };
  return media.lose(name, `expected a data URL in base64, of ${[...types].join(', ')}`);
}

const PDF = 'application/pdf';
const IMAGES = names('image/png image/jpeg image/jpg image/webp image/gif');
const READ = names('image/png image/jpeg image/jpg image/webp image/heic image/heif');
const SOUNDS = /^audio\/(?:x-)?(wav|mp3|mpeg)$/;
