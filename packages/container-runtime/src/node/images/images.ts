import type { RuntimeResult } from "../../runtime-result.ts";
import { askEngine, type AskOne } from "../engine/ask-engine.ts";

/** An image that an engine has. */
export type EngineImage = {
  /** The engine's id: `sha256:…`. */
  readonly id: string;
  /** Its names; empty for one that a later build has taken its name from. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly bytes: number;
};

/** Docker has null where there are no names or labels. */
type Listed = {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Size: number;
};

const nameless = "<none>:<none>";

/** The images with this label, the newest first. */
export const listImages = (
  socketPath: string,
  label: string,
): Promise<RuntimeResult<readonly EngineImage[]>> => askEngine(socketPath, (one) => imagesWith(label, one));

/**
 * Removes the images with this label that are old and that no container uses. Returns their ids. By default an image is
 * old that has no name left.
 */
export const pruneImages = (
  socketPath: string,
  label: string,
  isOld: (image: EngineImage, all: readonly EngineImage[]) => boolean = ({ names }) => names.length === 0,
): Promise<RuntimeResult<readonly string[]>> =>
  askEngine(socketPath, async (one) => {
    const removed: string[] = [];
    const all = await imagesWith(label, one);
    // An image goes before the older one that it was built upon.
    for (const { id } of all.filter((image) => isOld(image, all))) {
      // Gone, in use, or not to be removed just now.
      const answer = await one({ method: "DELETE", path: `/images/${id}` }, [404, 409, 500]);
      if (answer !== null) removed.push(id);
    }
    return removed;
  });

const imagesWith = async (label: string, one: AskOne): Promise<readonly EngineImage[]> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const found = (await one({ method: "GET", path: `/images/json?filters=${filters}` })) as readonly Listed[];
  return found
    .toSorted((first, other) => other.Created - first.Created)
    .map(({ Id, RepoTags, Labels, Created, Size }) => ({
      // Podman 4.3.1 leaves `sha256:` out of some answers.
      id: Id.startsWith("sha256:") ? Id : `sha256:${Id}`,
      names: (RepoTags ?? []).filter((name) => name !== nameless),
      labels: Labels ?? {},
      createdAt: new Date(Created * 1000).toISOString(),
      bytes: Size,
    }));
};
