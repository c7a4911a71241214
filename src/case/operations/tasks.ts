import { z } from "zod";
import { fail } from "../../errors.ts";
import { taskSchema, type Case, type Task } from "../case.ts";

const { id, title, done } = taskSchema.shape;
const owner = z.string().min(1).max(200).nullable().optional();

/** One task more, one changed, or one less. */
export const taskChangeSchema = z.union([
  z.strictObject({ add: z.strictObject({ title, owner }) }),
  z.strictObject({ id, title: title.optional(), done: done.optional(), owner }),
  z.strictObject({ remove: id }),
]);
export type TaskChange = z.infer<typeof taskChangeSchema>;

/** The tasks with one added, changed or removed. Throws NOT_FOUND for one that is not there. */
export function changeTasks(known: Case, change: TaskChange): Task[] {
  if ("add" in change) {
    return [...known.tasks, newTask(known, change.add)];
  }
  const asked = "remove" in change ? change.remove : change.id;
  if (!known.tasks.some((task) => task.id === asked)) throw unknownTask(known, asked);
  if ("remove" in change) return known.tasks.filter((task) => task.id !== asked);
  return known.tasks.map((task) => (task.id === asked ? changedTask(task, change) : task));
}

/** Those of another case behind one's own, with ids that go on from them. */
export function joinTasks(own: readonly Task[], others: readonly Task[]): Task[] {
  const next = nextTaskId(own);
  return [...own, ...others.map((task, index) => ({ ...task, id: next + index }))];
}

function newTask({ tasks }: Case, asked: Extract<TaskChange, { add: unknown }>["add"]): Task {
  return { id: nextTaskId(tasks), title: asked.title, done: false, owner: asked.owner ?? null };
}

function changedTask(
  task: Task,
  change: Exclude<TaskChange, { add: unknown } | { remove: unknown }>,
): Task {
  return {
    ...task,
    title: change.title ?? task.title,
    done: change.done ?? task.done,
    owner: change.owner === undefined ? task.owner : change.owner,
  };
}

function nextTaskId(tasks: readonly Task[]): number {
  return Math.max(0, ...tasks.map((task) => task.id)) + 1;
}

function unknownTask({ id: name, tasks }: Case, asked: number): Error {
  const ids = tasks.map((task) => task.id).join(", ");
  return fail("NOT_FOUND", {
    component: `case ${name}`,
    message: `there is no task ${asked}`,
    hint: ids ? `There are: ${ids}.` : "It has no tasks.",
  });
}
