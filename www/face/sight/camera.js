// The camera. Its frames are looked at in this page and go nowhere else.

export class SightError extends Error {
  /** @param reason of a camera `denied`, `absent`, `busy`, `insecure`, `gone` or `other`; of a file `picture` */
  constructor(reason, cause) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/**
 * Turns it on, after the browser has asked for leave.
 * @param video the element that shows it
 * @param ended called when it is taken away: unplugged, or leave withdrawn
 * @returns `{ source, size, stop }`
 * @throws SightError
 */
export async function openCamera(video, ended) {
  if (navigator.mediaDevices?.getUserMedia === undefined) throw new SightError('insecure');
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } } });
  } catch (cause) {
    throw new SightError(REASONS[cause.name] ?? 'other', cause);
  }
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  stream.getVideoTracks()[0].addEventListener('ended', () => {
    stop();
    ended(new SightError('gone'));
  });
  video.srcObject = stream;
  try {
    await video.play();
  } catch (cause) {
    stop();
    throw new SightError('other', cause);
  }
  return { source: video, size: () => ({ width: video.videoWidth || 640, height: video.videoHeight || 480 }), stop };
}

const REASONS = {
  NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'absent', OverconstrainedError: 'absent', NotReadableError: 'busy', AbortError: 'busy', TypeError: 'insecure',
};
