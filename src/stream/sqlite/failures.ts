/** What callers of the stream are told when nothing could be done for them. */
import { fail, messageOf } from "../../errors.ts";

/** The stream does not take work any more. */
export function closed(): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: "the stream is closed",
    hint: "Tocsin is stopping; send it again in a moment.",
  });
}

/** The receipt was rolled back. */
export function refused(cause: unknown): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: `could not store the receipt: ${messageOf(cause)}`,
    hint: "Nothing of it was taken. Check the free space of the data folder, then send it again.",
    cause,
  });
}

/** The cursor stays where it was. */
export function cursorRefused(source: string, cause: unknown): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: `could not store the cursor of ${source}: ${messageOf(cause)}`,
    hint: "What it has read is read again. Check the free space of the data folder.",
    cause,
  });
}

/** Why a cursor is refused whose receipts are. */
export function behindRefused(): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: "what was to be stored before it was refused",
    hint: "Read it again from the cursor before.",
  });
}
