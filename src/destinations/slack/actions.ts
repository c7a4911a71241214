/**
 * The buttons that act on an alert, and what they mean when somebody has used them. They carry the
 * alert's number and nothing else of it: what comes back is looked up, not believed.
 */
import { positionOfNumber } from "../../alert/id.ts";
import { VERDICTS, type Alert } from "../../alert/schema.ts";
import type { Deed } from "../callback.ts";
import { actionButton, select, type Button, type Select } from "./blocks.ts";

/** What tells our buttons from others of the same app. */
const PREFIX = "tocsin.";
const SILENCE_MS = 3_600_000;

/** The buttons that make sense for an alert as it is now. */
export function actionsOf({ number, status }: Alert): (Button | Select)[] {
  if (status === "closed") return [actionButton("Reopen", `${PREFIX}reopen`, number)];
  const verdicts = VERDICTS.map((verdict) => {
    return { text: verdict.replaceAll("_", " "), value: `${number} ${verdict}` };
  });
  const acknowledge = actionButton("Acknowledge", `${PREFIX}acknowledge`, number);
  return [
    ...(status === "new" ? [acknowledge] : []),
    actionButton("Silence 1 h", `${PREFIX}silence`, number),
    select("Close as…", `${PREFIX}close`, verdicts),
  ];
}

/** Whether a button is one of ours: links are told of, too, and others may share the app. */
export function isOurs(action: string): boolean {
  return action.startsWith(PREFIX);
}

/** What a button of ours stands for; undefined when it is none that there is. */
export function readAction(
  action: string,
  value: string,
): { readonly alert: string; readonly deed: Deed } | undefined {
  const [alert = "", ...rest] = value.split(" ");
  const deed = readDeed(action.slice(PREFIX.length), rest.join(" "));
  return deed && positionOfNumber(alert) !== null ? { alert, deed } : undefined;
}

function readDeed(name: string, detail: string): Deed | undefined {
  if (name === "close") {
    const verdict = VERDICTS.find((each) => each === detail);
    return verdict && { kind: "close", verdict };
  }
  if (detail !== "") return undefined;
  if (name === "acknowledge" || name === "reopen") return { kind: name };
  return name === "silence" ? { kind: "silence", duration: SILENCE_MS } : undefined;
}
