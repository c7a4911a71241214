/** Making a message small enough for a peer that counts the bytes of the whole. */

/** What each further try has at most of the room of the one before. */
const SHRINK = 0.95;

/**
 * What `make` makes with the most room for texts, in characters, with which its JSON has at most `max`
 * bytes. With no room at all it must fit.
 */
export function fitBytes<T>(make: (room: number) => T, max: number): T {
  let room = max;
  for (;;) {
    const made = make(room);
    const size = jsonBytes(made);
    if (size <= max || room === 0) return made;
    room = Math.floor(room * Math.min(SHRINK, max / size));
  }
}

/** The bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
