import { fail, ok, type Result } from "@gatehouse/std";
import type { GroupImages, ImageNeeds } from "@gatehouse/workloads";
import type { AgentSandbox } from "@gatehouse/places/testing";
import { at } from "@gatehouse/central-database/testing";
import type { ContainerConfigStore } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect } from "vitest";
import type { SessionHost } from "./session-host.ts";
import { fromAna, install, sessionFixture, until, type SessionFixture } from "./session.fixture.ts";

export type Builds = { readonly asked: ImageNeeds[]; readonly image: GroupImages };

const tagOf = ({ packages_apt: apt, packages_npm: npm }: ImageNeeds): string => [...apt, ...npm].join();

/** Images that are named by their packages. `problemOf` returns why a build fails; null if it succeeds. */
export const images = (
  problemOf: (needs: ImageNeeds, signal: AbortSignal) => Promise<string | null> | string | null = () => null,
): Builds => {
  const asked: ImageNeeds[] = [];
  const there = new Set([""]);
  const image: GroupImages = {
    nameOf: async (needs): Promise<Result<string, string>> =>
      there.has(tagOf(needs)) ? ok(`agents:${tagOf(needs)}`) : fail("It is not built."),
    build: async (needs, signal) => {
      asked.push(needs);
      const problem = await problemOf(needs, signal);
      if (problem !== null) return fail(problem);
      there.add(tagOf(needs));
      return ok(true);
    },
  };
  return { asked, image };
};

const sandboxOf = ({ build, nameOf }: GroupImages): AgentSandbox => ({
  packages: {
    build,
    folderOf: async (needs) => {
      if (needs.packages_npm.length === 0) return ok(null);
      const name = await nameOf(needs);
      return name.ok
        ? ok({ source: `/data/${name.value}`, target: "/opt/packages", isReadOnly: true })
        : name;
    },
  },
  node: () => ({ source: "/data/node", target: "/opt/gatehouse/node", isReadOnly: true }),
});

/** A host whose group has one running agent. */
export type RunningAgent = {
  readonly fixture: SessionFixture;
  readonly fake: ReturnType<typeof fakeRuntime>;
  readonly configs: ContainerConfigStore;
  readonly host: SessionHost;
  /** The session, as the intents of commands name it. */
  readonly session: {
    readonly sessionIds: readonly string[];
    readonly groupId: string;
    readonly message: null;
  };
};

/** With `isSandbox`, it is a host with sandboxes, whose folders of packages have the names of the images. */
export const running = async ({ image }: Builds, isSandbox = false): Promise<RunningAgent> => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install, ...(isSandbox ? { cannot: { image: "None." } } : {}) });
  const runtime = isSandbox ? { ...fake.runtime, name: "sandbox" } : fake.runtime;
  const host = await fixture.host({ runtime, ...(isSandbox ? { sandbox: sandboxOf(image) } : { image }) });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const configs = containerConfigStore(fixture.central.db, { now: () => at });
  const { id } = await fixture.session();
  return { fixture, fake, configs, host, session: { sessionIds: [id], groupId: "ag-1", message: null } };
};
