// A life of a record (tests/clients/README.md), by the client that @hey-api/openapi-ts generates.
import { createInterface } from "node:readline/promises";
import { createClient, createConfig, type Client } from "./carnet/client/index.js";
import {
  createConsent,
  createDocumentReference,
  patchDocumentReference,
  postBundle,
  readDocumentReference,
  searchAuditEvent,
  searchDocumentReference,
} from "./carnet/sdk.gen.js";
import type { Bundle, CareTeam, Consent, DocumentReference, Patient, Resource } from "./carnet/types.gen.js";

const env = (name: string): string => process.env[name] ?? "";
const [system, ins] = env("CARNET_INS").split("|");
const HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001";
const TERMINOLOGY = "http://terminology.hl7.org/CodeSystem";
const NOS = "https://mos.esante.gouv.fr/NOS";
const VISIBILITY = `${NOS}/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument`;
const FUNCTION = `${NOS}/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction`;
const IDNPS = "urn:oid:1.2.250.1.71.4.2.1";

const speaking = (token: string): Client =>
  createClient(createConfig({ baseUrl: env("CARNET_URL"), auth: () => token, throwOnError: false }));

/** The body of an answer that was not refused. */
function said<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

function consent(holder: string, kind: string, provision?: Consent["provision"]): Consent {
  return {
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: `${TERMINOLOGY}/consentscope`, code: "patient-privacy" }] },
    category: [{ coding: [{ system: `${env("CARNET_CODES")}/CodeSystem/record-consent`, code: kind }] }],
    patient: { reference: holder },
    performer: [{ reference: holder }],
    dateTime: "2026-01-05",
    policy: [{ uri: "https://carnet.example/policy" }],
    ...(provision ? { provision } : {}),
  };
}

/** The transaction that opens a record, with its treating physician. */
function opening(): Bundle {
  const person: Patient = {
    resourceType: "Patient",
    identifier: [{ system, value: ins }],
    name: [{ use: "official", family: "Pat-Trois", given: ["Dominique"] }],
    gender: "female",
    birthDate: "1979-03-05",
  };
  const team: CareTeam = {
    resourceType: "CareTeam",
    status: "active",
    subject: { reference: HOLDER },
    participant: [
      {
        role: [{ coding: [{ system: FUNCTION, code: "PCP" }] }],
        member: { type: "Practitioner", identifier: { system: IDNPS, value: "810000000001" } },
      },
    ],
  };
  const sent: Resource[] = [person, consent(HOLDER, "opening"), team];
  return {
    resourceType: "Bundle",
    type: "transaction",
    entry: sent.map((resource, index) => ({
      fullUrl: HOLDER.slice(0, -1) + String(index + 1),
      resource,
      request: { method: "POST", url: resource.resourceType },
    })),
  };
}

function document(record: string, number: number): DocumentReference {
  const data = Buffer.from(`<ClinicalDocument>${number}</ClinicalDocument>`).toString("base64");
  return {
    resourceType: "DocumentReference",
    status: "current",
    type: { coding: [{ system: "http://loinc.org", code: "11488-4" }] },
    subject: { reference: `Patient/${record}` },
    description: `document ${number}`,
    securityLabel: [{ coding: [{ system: `${TERMINOLOGY}/v3-Confidentiality`, code: "N" }] }],
    content: [{ attachment: { contentType: "application/xml", data } }],
  };
}

/** The resources of a page; what the server says of the search is not one of them. */
function matches(page: Bundle): Resource[] {
  return (page.entry ?? []).filter((entry) => entry.search?.mode === "match").map((entry) => entry.resource!);
}

/** Every document of the record, a page for each. */
async function found(client: Client, record: string): Promise<Resource[]> {
  const resources: Resource[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { patient: [record], _count: 1, ...(cursor ? { _cursor: cursor } : {}) };
    const page = said(await searchDocumentReference({ client, query }));
    resources.push(...matches(page));
    const next = page.link?.find((link) => link.relation === "next");
    if (!next) return resources;
    cursor = new URL(next.url).searchParams.get("_cursor") ?? undefined;
  }
}

async function main(): Promise<void> {
  const doctor = speaking(env("DOCTOR"));
  const pharmacist = speaking(env("PHARMACIST"));
  const opened = said(await postBundle({ client: doctor, body: opening() }));
  const record = opened.entry![0]!.response!.location!.split("/")[1]!;
  console.log(record); // who started this hands over the holder's token now
  const lines = createInterface({ input: process.stdin });
  const holder = speaking((await lines.question("")).trim());
  lines.close();

  const deposits: DocumentReference[] = [];
  for (const number of [0, 1, 2])
    deposits.push(said(await createDocumentReference({ client: doctor, body: document(record, number) })));
  const documents = deposits.map((one) => one.id!);
  const all = (await found(doctor, record)).map((one) => one.id!);
  if (all.sort().join() !== [...documents].sort().join()) throw new Error(`found ${all.join()}`);

  const actor = {
    role: { coding: [{ system: `${TERMINOLOGY}/v3-ParticipationType`, code: "IRCP" }] },
    reference: { type: "Practitioner", identifier: { system: IDNPS, value: "810000000021" } },
  };
  const will = consent(`Patient/${record}`, "authorisation", { type: "permit", actor: [actor] });
  said(await createConsent({ client: holder, body: will }));
  const masked = documents[1]!;
  const value = { coding: [{ system: VISIBILITY, code: "MASQUE_PS" }] };
  said(
    await patchDocumentReference({
      client: holder,
      path: { id: masked },
      headers: { "If-Match": `W/"${deposits[1]!.meta!.versionId}"` },
      body: [{ op: "replace", path: "/securityLabel/0", value }],
    }),
  );

  const seen = (await found(pharmacist, record)).map((one) => one.id!).sort();
  const { error, response } = await readDocumentReference({ client: pharmacist, path: { id: masked } });
  if (response?.status !== 404 || !error) throw new Error(`status ${response?.status}`);
  const acts = said(await searchAuditEvent({ client: holder, query: { patient: [record], _count: 100 } }));
  const told = { record, documents, masked, seen, refused: error.issue[0]!.code, journal: matches(acts).length };
  console.log(JSON.stringify(told));
}

await main();
