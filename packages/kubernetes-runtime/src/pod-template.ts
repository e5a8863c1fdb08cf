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
  for (const data of documents.length === 0 ? [null] : documents) {
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
  if (kind === "PersistentVolumeClaim") {
    const { accessModes } = spec;
    // A Pod writes to its group's volume, and the cluster would refuse the first start.
    return Array.isArray(accessModes) && accessModes.some((mode) => String(mode).startsWith("ReadWrite"))
      ? ok({ kind, metadata, spec })
      : fail("Its claim has to say accessModes: ReadWriteMany, or ReadWriteOnce.");
  }
  for (const name of ["containers", "initContainers", "volumes"] as const) {
    const list = spec[name] ?? [];
    if (!Array.isArray(list) || list.some((one) => !isNamed(one)))
      return fail(`Its spec.${name} has to be a list of objects with names.`);
  }
  return ok({ kind, metadata, spec });
};

/**
 * Puts a Pod on a template: what both say is the Pod's. Objects are merged, and so are lists whose entries have names, by
 * these; another list of the Pod takes the place of the template's, and so does a volume: it is of one kind.
 */
export const onTemplate = (template: Fields, pod: object): object => mergedObjects(template, pod as Fields);

const mergedObjects = (below: Fields, above: Fields): Fields => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([name, value]) => [name, merged(below[name], value, name === "volumes")]),
  ),
});

const merged = (below: unknown, above: unknown, isWhole = false): unknown => {
  if (isObject(below) && isObject(above)) return mergedObjects(below, above);
  if (!Array.isArray(below) || !Array.isArray(above)) return above;
  if (![...below, ...above].every(isNamed)) return above;
  const [lower, upper] = [below, above].map(
    (list: readonly Named[]) => new Map(list.map((one) => [one.name, one])),
  );
  const names = [...new Set([...(upper?.keys() ?? []), ...(lower?.keys() ?? [])])];
  return names.map((name) => {
    const own = upper?.get(name);
    return own === undefined ? lower?.get(name) : isWhole ? own : merged(lower?.get(name), own);
  });
};

type Named = { readonly name: string };

const isNamed = (value: unknown): value is Named => isObject(value) && typeof value["name"] === "string";

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
