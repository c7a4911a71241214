/** Reading a vendor's status. */
import type { Status } from "../alert/schema.ts";
import { textOf } from "./read.ts";

const STATUS_WORDS: Readonly<Record<string, Status>> = {
  new: "new",
  open: "new",
  active: "new",
  unassigned: "new",
  unread: "new",
  firing: "new",
  acknowledged: "acknowledged",
  "in progress": "acknowledged",
  "in-progress": "acknowledged",
  in_progress: "acknowledged",
  inprogress: "acknowledged",
  pending: "acknowledged",
  resolved: "closed",
  closed: "closed",
};

/** The status a vendor's word stands for, ignoring case; null for a word that is not known. */
export function readStatus(value: unknown): Status | null {
  const word = textOf(value)?.toLowerCase();
  return word !== undefined && Object.hasOwn(STATUS_WORDS, word)
    ? (STATUS_WORDS[word] ?? null)
    : null;
}
