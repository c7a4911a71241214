import { TocsinError } from "../errors.ts";

/** What a log line says of an error beside its message. */
export function errorFields(error: unknown): object {
  if (!(error instanceof TocsinError))
    return { stack: error instanceof Error ? error.stack : undefined };
  return { code: error.code, component: error.component, hint: error.hint };
}
