import { fail, ok, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { heardHosts, installationName } from "@gatehouse/session-rows";
import { checkField } from "@nc/container-config";
import type { Ask, ChosenPlace, OpenPlace, PlaceHost, PlaceRow } from "../chosen-place.ts";
import { placeFacts } from "../facts.ts";
import { problemOf, processesInUse } from "../runtime-in-use.ts";
import type { ChosenPods } from "./pods-options.ts";
import { endOthers } from "../local/open-local.ts";
import { tryPod } from "./try-pod.ts";

/** Pods of Kubernetes, in the namespace and with the image that the operator names, else with the kept ones. */
export const podsRow: PlaceRow = {
  flags: ["kubernetesImage", "kubernetesNamespace", "podTemplate"],
  look: async (ask) => {
    const found = await findPods(ask);
    if (!found.ok) return { ...found, waiting: null };
    const { cluster, image } = found.value;
    const version = await cluster.version();
    if (!version.ok) return { ...version, waiting: pods(found.value, []) };
    return ok(
      pods(found.value, [
        `Agents run in Pods of Kubernetes ${version.value}, in the namespace ${cluster.namespace}, with the image ${image}. The cluster's NetworkPolicies say what they reach.`,
      ]),
    );
  },
};

/** The Pods, and the file with what the operator adds to each. */
type FoundPods = ChosenPods & { readonly file: string | undefined };

/** Finds the cluster, without asking it anything. */
const findPods = async ({ flags, env, kept }: Ask): Promise<Result<FoundPods, Failure>> => {
  const image = flags.kubernetesImage ?? kept?.kubernetes?.image;
  if (image === undefined)
    return fail({
      code: "usage",
      message: "Pods need an image.",
      fix: "name it with --kubernetes-image; docs/kubernetes.md says how to build it",
    });
  if (!checkField("image_tag", image).ok)
    return fail({
      code: "usage",
      message: `${JSON.stringify(image)} is not the name of an image, such as registry.example/agents:1.`,
    });
  const { kubeAccess, openCluster, readPodTemplate } = await import("@nc/kubernetes-runtime/node");
  const access = await kubeAccess(env);
  if (!access.ok) return access;
  const file = flags.podTemplate ?? kept?.kubernetes?.template;
  const template = file === undefined ? ok({ pod: {}, claim: null }) : await readPodTemplate(file);
  if (!template.ok) return template;
  const namespace =
    flags.kubernetesNamespace ?? kept?.kubernetes?.namespace ?? access.value.namespace ?? "default";
  return ok({ cluster: openCluster(access.value, namespace), image, template: template.value, file });
};

const pods = (found: FoundPods, notes: readonly string[]): ChosenPlace => {
  const { cluster, image, file } = found;
  const template = file === undefined ? {} : { template: file };
  const problem = async (): Promise<string | null> => problemOf(await cluster.version());
  return {
    name: "kubernetes",
    notes,
    problem,
    inUse: {
      ...processesInUse,
      name: "kubernetes",
      kubernetes: { namespace: cluster.namespace, image, ...template },
    },
    imageVersion: null,
    tryStart: async () => {
      const tried = await tryPod(found);
      if (!tried.ok) return { ok: false, said: `No Pod runs: ${tried.error}` };
      const isUnlimited = tried.value;
      const reach = isUnlimited ? "" : " NetworkPolicies have an effect: it did not reach the cluster's API.";
      return { ok: true, said: `a Pod starts, and gatehouse of the image starts.${reach}`, isUnlimited };
    },
    open: (host) => open(found, problem, host),
  };
};

/** Pods find the host at its TLS port. */
const open = async (
  found: FoundPods,
  problem: ChosenPlace["problem"],
  host: PlaceHost,
): Promise<OpenPlace> => {
  const { remote, log, report } = host;
  if (remote === undefined) throw new TypeError("Pods need a TLS port.");
  const { db, owner, isShared, door } = remote;
  const { isolation, cannot } = placeFacts.kubernetes;
  const { openPods } = await import("./pods.ts");
  const place = openPods({
    ...found,
    seen: { name: "kubernetes", isolation, cannot, problem },
    install: await installationName(db),
    owner,
    heardHosts: async () => new Set(isShared ? (await heardHosts(db).execute()).map(({ name }) => name) : []),
    host: door,
    log,
    report,
  });
  return { ...place, begin: () => endOthers(host, null) };
};
