/** Observables in labels. A label may hold anything, so only what parses is taken. */
import { ArtifactSet } from "../../alert/artifacts.ts";
import { PARSERS } from "../../alert/observables.ts";
import { ElasticDocument } from "../../elastic/document.ts";
import { guessArtifacts } from "../generic/guesses.ts";
import { textsOf } from "../read.ts";
import type { JsonObject } from "../source.ts";

/** Labels that name what is watched: Prometheus's own, those of common exporters and of Kubernetes. */
const TARGETS = ["instance", "exported_instance", "host", "hostname", "node", "nodename"];

/** The watched host first, then what stands under the names that senders commonly use. */
export function collectArtifacts(labels: JsonObject, path: string): ArtifactSet {
  const artifacts = new ArtifactSet();
  for (const name of TARGETS) {
    for (const text of textsOf(labels[name])) addTarget(artifacts, text, `${path}.${name}`);
  }
  const guessed = guessArtifacts(new ElasticDocument([labels]));
  for (const { type, value, role, field, flag } of guessed.list()) {
    if (flag === undefined) artifacts.add(type, value, { field: `${path}.${field}`, role });
  }
  return artifacts;
}

/** `host:port` of a scraped target, or the address that a probe looked at. */
function addTarget(artifacts: ArtifactSet, text: string, field: string): void {
  const type = /^https?:\/\//i.test(text) ? "url" : "host";
  const value = type === "host" ? text.replace(/^([^:]+):\d{1,5}$/, "$1") : text;
  if (!("wrong" in PARSERS[type](value))) artifacts.add(type, value, { field, role: "target" });
}
