import type { Container } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";

/**
 * Returns a function that ends the containers of this installation that no session owns: those of deleted and closed
 * sessions, and those that a later start replaced. Asking the runtime also clears away containers that were made and
 * never started, or whose monitor was killed. A container that cannot be ended is tried again at each call, and
 * reported once.
 */
export const endUnowned = (context: LoopContext): (() => Promise<void>) => {
  const told = new Set<string>();
  return async () => {
    const running = await unlessClosing(context, () => context.place.left());
    // A runtime that does not answer is reported where a session needs it.
    if (running?.ok !== true) return;
    const outdated = await outdatedOf(context, running.value);
    // A leased session stops its own container gracefully. A starting container already has the newest incarnation.
    const known = new Set(
      [...context.leased.all().map(({ container }) => container), ...context.left.values()].map(
        (container) => container?.reference,
      ),
    );
    const unowned = outdated.filter(({ reference }) => !known.has(reference));
    await Promise.all(unowned.map((container) => endOne(context, container, told)));
  };
};

/** Null once the host closes: an engine that does not answer must not delay that. */
export const unlessClosing = <T>(
  { closing }: Pick<LoopContext, "closing">,
  ask: () => Promise<T>,
): Promise<T | null> =>
  new Promise((resolve, reject) => {
    if (closing.aborted) return resolve(null);
    const stop = (): void => resolve(null);
    closing.addEventListener("abort", stop, { once: true });
    void ask()
      .then(resolve, reject)
      .finally(() => closing.removeEventListener("abort", stop));
  });

/** Finds the containers whose session has a newer one, is closed or is gone. */
export const outdatedOf = async (
  { central }: Pick<LoopContext, "central">,
  running: readonly Container[],
): Promise<readonly Container[]> => {
  if (running.length === 0) return [];
  const rows = await central.loop
    .selectFrom("sessions")
    .select(["id", "incarnation"])
    .where("status", "=", "active")
    .where("id", "in", [...new Set(running.map(({ label }) => label.sessionId))])
    .execute();
  const newest = new Map(rows.map(({ id, incarnation }) => [id, incarnation]));
  return running.filter(({ label }) => newest.get(label.sessionId) !== label.incarnation);
};

/** Ends a container that no session owns. One that was `told` of before is not told of again. */
export const endOne = async (
  { log, report }: LoopContext,
  container: Container,
  told: Set<string> = new Set(),
): Promise<void> => {
  const { reference, pid, label } = container;
  const { sessionId: session, incarnation } = label;
  const isNew = !told.has(reference);
  told.add(reference);
  if (isNew) log("container-reaped", { session, incarnation, reference, pid });
  await container.kill(0).catch((error: unknown) => {
    if (isNew) report(error);
  });
};
