// fhir-kit-client as its users call it: read, search with paging, create, update, transaction.
import assert from "node:assert/strict";
import { Client } from "fhir-kit-client";

const { opening, documents, url, doctor, nurse } = JSON.parse(process.env.CARNET_TASK);
const by = (token) => new Client({ baseUrl: `${url}/fhir`, bearerToken: token });
const kit = by(doctor);

const capabilities = await kit.capabilityStatement();
assert.equal(capabilities.fhirVersion, "4.0.1");
const opened = await kit.transaction({ body: opening });
const record = opened.entry[0].response.location.split("/")[1];

const made = [];
for (const body of documents) {
  body.subject.reference = `Patient/${record}`;
  made.push(await kit.create({ resourceType: "DocumentReference", body }));
}
let page = await kit.search({
  resourceType: "DocumentReference",
  searchParams: { patient: record, _count: 2, _sort: "_lastUpdated" },
});
// What the server says of the search itself is no match.
const ids = ({ entry }) => entry.filter(({ search }) => search.mode === "match").map(({ resource }) => resource.id);
const found = ids(page);
assert.equal(found.length, 2);
while ((page = await kit.nextPage({ bundle: page }))) found.push(...ids(page));
assert.deepEqual(found, made.map((one) => one.id));

const body = await kit.read({ resourceType: "DocumentReference", id: made[0].id });
body.description = "corrected";
const changed = await kit.update({ resourceType: "DocumentReference", id: body.id, body });
assert.notEqual(changed.meta.versionId, made[0].meta.versionId);
const former = await kit.vread({ resourceType: "DocumentReference", id: body.id, version: made[0].meta.versionId });
assert.equal(former.description, made[0].description);
const history = await kit.history({ resourceType: "DocumentReference", id: body.id });
assert.equal(history.entry.length, 2);
await assert.rejects(by(nurse).read({ resourceType: "DocumentReference", id: body.id }), (error) => {
  assert.equal(error.response.status, 404);
  return error.response.data.resourceType === "OperationOutcome";
});
console.log(JSON.stringify({ record, documents: found }));
