/** How a recorded clip is to be played. */
export interface ClipOptions {
  label: string;
  /** Starts again at its end. */
  loop: boolean;
  /** At its own rate; otherwise as fast as frames are taken. */
  paced: boolean;
}
