import { z } from "zod";
import { VERDICTS } from "../../alert/schema.ts";
import { SEVERITIES } from "../../alert/severity.ts";
import { caseSchema, taskSchema } from "../../case/case.ts";
import { caseChangeSchema } from "../../case/operations/change.ts";
import { caseDetailSchema } from "../../ledger/case.ts";
import { CASE_STATES, caseListSchema, listedCaseSchema } from "../../ledger/cases.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, pageParameters, PROBLEMS } from "./parameters.ts";

const caseParameters = z.strictObject({
  ...pageParameters,
  q: z.string().optional().describe("KQL over the fields of a case: `title: web* and tags: vip`."),
  status: z.enum(CASE_STATES).optional().describe("`open` is new, in progress or on hold."),
  owner: z.string().optional(),
  severity: z.enum(SEVERITIES).optional(),
});

const commentBody = z.strictObject({ text: z.string().min(1).max(20_000) });
const closeBody = z
  .strictObject({
    verdict: z.enum(VERDICTS).optional().describe("Without it, the one that the case has."),
  })
  .nullish();
const mergeBody = z.strictObject({
  from: z.array(z.string()).min(1).max(100).describe("Cases whose alerts it takes over."),
});
const splitBody = z.strictObject({
  alerts: z.array(z.string()).min(1).max(1000).describe("Numbers or ids; not all of the case's."),
  title: caseSchema.shape.title.optional().describe("Of the new case."),
});
const { owner } = taskSchema.shape;
const taskBody = z.strictObject({ title: taskSchema.shape.title, owner: owner.optional() });
const taskChangeBody = z
  .strictObject({ ...taskBody.shape, done: z.boolean() })
  .partial()
  .nullish()
  .describe("Without a body it is done.");
const taskParameters = idParameters.extend({ n: z.coerce.number().int().min(1) });

const splitSchema = z
  .object({ case: listedCaseSchema, created: listedCaseSchema })
  .meta({ id: "CaseSplit" });

/** Cases, and the people's work on them. */
export function addCaseRoutes(api: Api, dependencies: ApiDependencies): void {
  addCaseReads(api, dependencies);
  addCaseChanges(api, dependencies);
  addCaseTasks(api, dependencies);
  addCaseMoves(api, dependencies);
}

const ANSWERS_CASE = { 200: listedCaseSchema, ...PROBLEMS };

function addCaseReads(api: Api, { ledger }: ApiDependencies): void {
  api.get("/cases", {
    config: { scope: "read" },
    schema: {
      operationId: "listCases",
      summary: "List cases",
      tags: ["cases"],
      querystring: caseParameters,
      response: { 200: caseListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => ledger.listCases(query),
  });
  api.get("/cases/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getCase",
      summary: "One case by number, with its alerts, timeline and related cases",
      tags: ["cases"],
      params: idParameters,
      response: { 200: caseDetailSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.getCase(params.id),
  });
}

function addCaseChanges(api: Api, { commands }: ApiDependencies): void {
  api.post("/cases/:id", {
    config: { scope: "write" },
    schema: {
      operationId: "changeCase",
      summary: "Change a case; what is left out stays. Closing it closes its open alerts, too",
      tags: ["cases"],
      params: idParameters,
      body: caseChangeSchema,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) =>
      commands.change("case.change", { case: params.id, change: body }, who),
  });
  api.post("/cases/:id/comments", {
    config: { scope: "write" },
    schema: {
      operationId: "commentOnCase",
      summary: "Put a comment into the timeline of a case",
      tags: ["cases"],
      params: idParameters,
      body: commentBody,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) =>
      commands.change("case.comment", { case: params.id, text: body.text }, who),
  });
  api.post("/cases/:id/close", {
    config: { scope: "write" },
    schema: {
      operationId: "closeCase",
      summary: "Close a case, and those of its alerts that are open, with the same verdict",
      tags: ["cases"],
      params: idParameters,
      body: closeBody,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) =>
      commands.change("case.close", { case: params.id, verdict: body?.verdict ?? null }, who),
  });
  api.post("/cases/:id/reopen", {
    config: { scope: "write" },
    schema: {
      operationId: "reopenCase",
      summary: "Take a resolved or closed case up again; its alerts stay closed",
      tags: ["cases"],
      params: idParameters,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, who }) => commands.change("case.reopen", { case: params.id }, who),
  });
}

function addCaseTasks(api: Api, { commands }: ApiDependencies): void {
  api.post("/cases/:id/tasks", {
    config: { scope: "write" },
    schema: {
      operationId: "addTask",
      summary: "Add a task to a case",
      tags: ["cases"],
      params: idParameters,
      body: taskBody,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) => {
      const change = { task: { add: body } };
      return commands.change("case.change", { case: params.id, change }, who);
    },
  });
  api.post("/cases/:id/tasks/:n", {
    config: { scope: "write" },
    schema: {
      operationId: "changeTask",
      summary: "Say that a task is done, or change it",
      tags: ["cases"],
      params: taskParameters,
      body: taskChangeBody,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) => {
      const change = { task: { id: params.n, ...(body ?? { done: true }) } };
      return commands.change("case.change", { case: params.id, change }, who);
    },
  });
}

function addCaseMoves(api: Api, { commands }: ApiDependencies): void {
  api.post("/cases/:id/merge", {
    config: { scope: "write" },
    schema: {
      operationId: "mergeCases",
      summary: "Merge other cases into this one; they are closed",
      tags: ["cases"],
      params: idParameters,
      body: mergeBody,
      response: ANSWERS_CASE,
    },
    handler: async ({ params, body, who }) =>
      commands.change("case.merge", { into: params.id, from: body.from }, who),
  });
  api.post("/cases/:id/split", {
    config: { scope: "write" },
    schema: {
      operationId: "splitCase",
      summary: "Move alerts of a case into a new one",
      tags: ["cases"],
      params: idParameters,
      body: splitBody,
      response: { 200: splitSchema, ...PROBLEMS },
    },
    handler: async ({ params, body, who }) =>
      commands.change("case.split", { case: params.id, ...body }, who),
  });
}
