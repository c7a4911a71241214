/** Compiles the policies of the configuration for the stages. */
import { toTitle } from "../alert/text.ts";
import { TocsinError } from "../errors.ts";
import { kqlPredicate } from "../kql/index.ts";
import type {
  CasePolicy,
  Correlation,
  FoldPolicy,
  Inhibition,
  Matcher,
} from "../pipeline/policies.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import type { Policies } from "./configuration.ts";

type Settings<Key extends "fold" | "cases" | "correlate" | "inhibit"> = Policies[Key][number];

/** A KQL condition that was checked before; throws KQL_INVALID otherwise. */
export function compileMatcher(text: string): Matcher {
  return { text, matches: kqlPredicate(text) };
}

export function compileFold({ name, match, by, window }: Settings<"fold">): FoldPolicy {
  return { name, match, by: by ?? null, window };
}

export function compileCase(settings: Settings<"cases">): CasePolicy {
  const { group_by = [], share = [], title = "{{ alert.title }}", assignee = null } = settings;
  const template = compileTemplate(title, { component: `case policy ${settings.name}` });
  return { ...settings, group_by, share, assignee, title: (values) => titleOf(template, values) };
}

/** The rendered title, or the alert's own, or the key: a case is not lost for its title. */
function titleOf(template: Template, values: Readonly<Record<string, unknown>>): string {
  const { alert, key } = values;
  const own = (alert as { readonly title?: unknown } | undefined)?.title;
  const texts = [render(template, values), own, key].map((text) =>
    typeof text === "string" ? toTitle(text) : "",
  );
  return texts.find((text) => text !== "") ?? "Case";
}

function render(template: Template, values: Readonly<Record<string, unknown>>): string {
  try {
    return template.render(values);
  } catch (error) {
    // A limit was passed, or a filter refused its input.
    if (error instanceof TocsinError) return "";
    throw error;
  }
}

export function compileCorrelation(settings: Settings<"correlate">): Correlation {
  const { match = "*", count, sequence, title = null, ...rest } = settings;
  const steps = (sequence ?? [match]).map(compileMatcher);
  return { ...rest, steps, least: count ?? 1, title };
}

export function compileInhibition(settings: Settings<"inhibit">): Inhibition {
  const { name, equal } = settings;
  return {
    name,
    while: compileMatcher(settings.while),
    mute: compileMatcher(settings.mute),
    equal,
  };
}
