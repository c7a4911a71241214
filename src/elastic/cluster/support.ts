/** Which clusters Tocsin supports. */
import type { ClusterInfo } from "./info.ts";

interface VersionRange {
  /** `major.minor`; inside the range. */
  readonly from: string;
  /** The last major version, with all of its minor ones. */
  readonly to: string;
}

/** Versions by flavour. Older ones lack points in time, or are no longer maintained. */
export const SUPPORTED_VERSIONS: Readonly<Record<ClusterInfo["flavour"], VersionRange>> = {
  elasticsearch: { from: "7.10", to: "9" },
  opensearch: { from: "2.0", to: "3" },
};

const NAMES = { elasticsearch: "Elasticsearch", opensearch: "OpenSearch" } as const;

/** What OpenSearch calls itself to clients of Elasticsearch, where it is told to. */
const PRETENDED = "7.10.2";

/** One sentence about a version that is not supported; null about those that are. */
export function describeSupport({ version, flavour }: ClusterInfo): string | null {
  if (flavour === "opensearch" && version === PRETENDED) return null;
  const { from, to } = SUPPORTED_VERSIONS[flavour];
  const name = NAMES[flavour];
  const range = `versions ${from} to ${to} are supported`;
  if (compare(version, from) < 0) return `${name} ${version} is too old: ${range}`;
  if (compare(version, String(Number(to) + 1)) < 0) return null;
  return `${name} ${version} is newer than what was tested: ${range}`;
}

/** By major and minor version; what is no number counts as 0. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number.parseFloat));
  const parts = [0, 1].map((at) => (left?.[at] || 0) - (right?.[at] || 0));
  return parts.find((difference) => difference !== 0) ?? 0;
}
