import { fail, ok, type Result } from "@gatehouse/std";

/** What an operator gives: what each Pod is put on, and the claim of each group's volume; null for none. */
export type PodTemplate = { readonly pod: Fields; readonly claim: ClaimTemplate | null };

/** A claim of a volume, without a name. */
export type ClaimTemplate = Fields & { readonly spec: Fields };

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a template. A name, an owner or a status is the Pod's own. */
const fields = { "": ["apiVersion", "kind", "metadata", "spec"], metadata: ["labels", "annotations"] };

/**
 * Reads a template from the parsed documents of a YAML file: a Pod, a PersistentVolumeClaim, or one of each. The error is a
 * sentence.
 */
export const podTemplateIn = (documents: readonly unknown[]): Result<PodTemplate, string> => {
  let template: PodTemplate = { pod: {}, claim: null };
  const seen = new Set<string>();
  // A file may end with `---`.
  const given = documents.filter((one) => one !== null);
  for (const data of given.length === 0 ? [null] : given) {
    const read = templateIn(data);
    if (!read.ok) return read;
    const { kind, metadata, spec } = read.value;
    if (seen.has(kind)) return fail(`It has two documents of the kind ${kind}.`);
    seen.add(kind);
    template =
      kind === "Pod" ? { ...template, pod: { metadata, spec } } : { ...template, claim: { metadata, spec } };
  }
  return ok(template);
};

/** True for a claim whose volume is on one node at a time. */
export const isOfOneNode = (claim: ClaimTemplate | null | undefined): boolean =>
  Array.isArray(claim?.spec["accessModes"]) && !claim.spec["accessModes"].includes("ReadWriteMany");

type Read = {
  readonly kind: "Pod" | "PersistentVolumeClaim";
  readonly metadata: Fields;
  readonly spec: Fields;
};

const templateIn = (data: unknown): Result<Read, string> => {
  if (!isObject(data)) return fail("It is no object with metadata and spec.");
  const { kind = "Pod", apiVersion = "v1", metadata = {}, spec = {} } = data;
  if ((kind !== "Pod" && kind !== "PersistentVolumeClaim") || apiVersion !== "v1")
    return fail(`It is no Pod and no PersistentVolumeClaim of v1: kind ${JSON.stringify(kind)}.`);
  if (!isObject(metadata) || !isObject(spec)) return fail("Its metadata and spec have to be objects.");
  const strange = [
    ...Object.keys(data).filter((name) => !fields[""].includes(name)),
    ...Object.keys(metadata).flatMap((name) => (fields.metadata.includes(name) ? [] : [`metadata.${name}`])),
  ];
  if (strange.length > 0) return fail(`It may not say ${strange.join(", ")}.`);
  const problem = kind === "Pod" ? podProblem(spec) : claimProblem(spec);
  return problem === null ? ok({ kind, metadata, spec }) : fail(problem);
};

/** The cluster would take these claims, and then no Pod would start. */
const claimProblem = ({ accessModes, volumeMode, volumeName }: Fields): string | null => {
  if (!Array.isArray(accessModes) || !accessModes.some((mode) => String(mode).startsWith("ReadWrite")))
    return "Its claim has to say accessModes: ReadWriteMany, or ReadWriteOnce.";
  if (volumeMode === "Block") return "Its claim says volumeMode: Block, and a block device has no files.";
  return volumeName === undefined
    ? null
    : "Its claim may not say volumeName: only one group would have that volume.";
};

const podProblem = (spec: Fields): string | null => {
  for (const name of ["containers", "initContainers", "volumes"] as const) {
    const list = spec[name] ?? [];
    if (!Array.isArray(list) || !list.every(isNamed))
      return `Its spec.${name} has to be a list of objects with names.`;
    for (const one of list) {
      if (name === "volumes" && ownVolumes.some((own) => own === one.name))
        return `Its volume "${one.name}" is gatehouse's own: give it another name.`;
      const { volumeMounts = [] } = one;
      if (!Array.isArray(volumeMounts) || !volumeMounts.every((mount) => isKeyed(mount, "mountPath")))
        return `The volumeMounts of its "${one.name}" have to be a list of objects with a mountPath.`;
    }
  }
  return null;
};

/** Lists of which an entry is the Pod's or the template's as a whole, and the key of an entry. */
const wholeEntries: Readonly<Record<string, string>> = {
  env: "name",
  volumes: "name",
  // A volume may be mounted several times.
  volumeMounts: "mountPath",
};

/** An object that is the Pod's as a whole. */
const wholeObject = "seccompProfile";

/** The names of a Pod's own volumes: an empty one, its group's, and its Secret. */
export const ownVolumes = ["work", "group", "host"] as const;

/** A list of rules, all of which a node has to meet. */
const allRules = "requiredDuringSchedulingIgnoredDuringExecution";

/**
 * Puts a Pod on a template: what both say is the Pod's. Objects are merged, and so are lists whose entries have names, or
 * places of mounts, by these. Rules for the node are joined. Another list of the Pod takes the place of the template's.
 */
export const onTemplate = (template: Fields, pod: object): object => mergedObjects(template, pod as Fields);

const mergedObjects = (below: Fields, above: Fields): Fields => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([field, value]) => [field, merged(field, below[field], value)]),
  ),
});

const merged = (field: string, below: unknown, above: unknown): unknown => {
  if (isObject(below) && isObject(above) && field !== wholeObject) return mergedObjects(below, above);
  if (!Array.isArray(below) || !Array.isArray(above)) return above;
  if (field === allRules) return [...(below as readonly unknown[]), ...(above as readonly unknown[])];
  const key = wholeEntries[field] ?? "name";
  const keyed = (list: readonly unknown[]): readonly Fields[] => list.filter((one) => isKeyed(one, key));
  const [given, own] = [keyed(below), keyed(above)];
  if (given.length + own.length < below.length + above.length) return above;
  const added = given.filter((one) => own.every((other) => other[key] !== one[key]));
  if (wholeEntries[field] !== undefined) return [...own, ...added];
  const mergedOwn = own.map((one) =>
    mergedObjects(given.find((other) => other[key] === one[key]) ?? {}, one),
  );
  return [...mergedOwn, ...added];
};

type Named = Fields & { readonly name: string };

const isNamed = (value: unknown): value is Named => isKeyed(value, "name");

const isKeyed = (value: unknown, key: string): value is Fields =>
  isObject(value) && typeof value[key] === "string";

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
