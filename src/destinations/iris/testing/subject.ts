import { IRIS_CUSTOMER, IRIS_KEY, startIris } from "../../../../test/peers/iris.ts";
import type { HttpSubject } from "../../testing/subject.ts";

export const subjects: readonly HttpSubject[] = [
  {
    transport: "http",
    name: "iris",
    // Four lists of ids, a search, and the alert.
    requests: 6,
    async start(tls) {
      const fake = await startIris(tls);
      const settings = { url: fake.url, api_key: IRIS_KEY, customer: IRIS_CUSTOMER, case: "merge" };
      return {
        ...fake,
        settings,
        secrets: [IRIS_KEY],
        kept: () => fake.alerts,
        measure: () => ({}),
      };
    },
  },
];
