// Pictures, sound and documents inside a message.
import { names } from './losses.js';

/** A Gemini `inlineData` as a content part of OpenAI's. */
export function contentPart(blob, path, losses, detail) {
  const given = losses.fields(blob, path, BLOB);
  const mimeType = (losses.text(given.mimeType, `${path}.mimeType`) ?? '').toLowerCase();
  // Google reads both alphabets of base64, a data URL has one.
  const data = (losses.text(given.data, `${path}.data`) ?? '').replace(/-/g, '+').replace(/_/g, '/');
  const url = `data:${mimeType};base64,${data}`;
  if (IMAGES.has(mimeType)) return { type: 'image_url', image_url: { url, ...(detail && { detail }) } };
  if (SOUNDS.has(mimeType)) return { type: 'input_audio', input_audio: { data, format: SOUNDS.get(mimeType) } };
  if (mimeType === PDF) return { type: 'file', file: { filename: losses.text(given.displayName, `${path}.displayName`) ?? 'document.pdf', file_data: url } };
  losses.lose(`${path}.mimeType`, 'OpenAI takes PNG, JPEG, WEBP and GIF, WAV and MP3, and PDF');
  return undefined;
}

/** A content part of OpenAI's, other than text, as `inlineData`. */
export function inlineData({ type, image_url: image, input_audio: audio, file }, path, losses) {
  if (type === 'image_url') {
    const at = `${path}.image_url`;
    const { url } = losses.fields(typeof image === 'string' ? { url: image } : image, at, IMAGE);
    return ofDataURL(url, `${at}.url`, losses, READ, 'Gemini takes PNG, JPEG, WEBP and HEIC');
  }
  if (type === 'input_audio') {
    const at = `${path}.input_audio`;
    const { format, data } = losses.fields(audio, at, AUDIO);
    if (format === 'wav' || format === 'mp3') return { mimeType: `audio/${format}`, data: losses.text(data, `${at}.data`) ?? '' };
    losses.lose(`${at}.format`, 'expected wav or mp3');
    return undefined;
  }
  const at = `${path}.file`;
  const { file_data: data } = losses.fields(file, at, FILE, { file_id: 'it is kept at OpenAI' }, { filename: 'Gemini sees no names of files' });
  if (data === undefined) {
    losses.lose(at, 'only a file that is sent along can go');
    return undefined;
  }
  return ofDataURL(data, `${at}.file_data`, losses, DOCUMENTS, 'Gemini takes PDF');
}

function ofDataURL(url, path, losses, types, why) {
  const match = /^data:([\w.+-]+\/[\w.+-]+)(?:;[^;,]*)*?;base64,/i.exec(typeof url === 'string' ? url.slice(0, 200) : '');
  const mimeType = match?.[1].toLowerCase();
  if (match === null) losses.lose(path, 'only a data URL in base64 can go');
  else if (!types.has(mimeType)) losses.lose(path, why);
  else return { mimeType, data: url.slice(match[0].length) };
  return undefined;
}

const BLOB = names('mimeType data displayName');
const IMAGE = names('url detail');
const AUDIO = names('data format');
const FILE = names('file_data');
const PDF = 'application/pdf';
const IMAGES = names('image/png image/jpeg image/jpg image/webp image/gif');
const READ = names('image/png image/jpeg image/jpg image/webp image/heic image/heif');
const DOCUMENTS = names(PDF);
const SOUNDS = new Map([['audio/wav', 'wav'], ['audio/x-wav', 'wav'], ['audio/wave', 'wav'], ['audio/mp3', 'mp3'], ['audio/mpeg', 'mp3']]);
