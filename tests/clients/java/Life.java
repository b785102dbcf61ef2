import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuditEventApi;
import org.openapitools.client.api.ConsentApi;
import org.openapitools.client.api.DocumentReferenceApi;
import org.openapitools.client.api.SystemApi;
import org.openapitools.client.model.*;

/** A life of a record (tests/clients/README.md), by the client that openapi-generator makes. */
public class Life {
    static final String HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001";
    static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem";
    static final String NOS = "https://mos.esante.gouv.fr/NOS";
    static final String VISIBILITY = NOS + "/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument";
    static final String FUNCTION = NOS + "/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction";
    static final String IDNPS = "urn:oid:1.2.250.1.71.4.2.1";
    static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper();

    static ApiClient speaking(String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("CARNET_URL"));
        return client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
    }

    static CodeableConcept concept(String system, String code) {
        return new CodeableConcept().addCodingItem(new Coding().system(system).code(code));
    }

    static Reference practitioner(String value) {
        return new Reference().type("Practitioner").identifier(new Identifier().system(IDNPS).value(value));
    }

    static Consent consent(String holder, String kind) {
        String codes = System.getenv("CARNET_CODES");
        return new Consent()
            .resourceType(Consent.ResourceTypeEnum.CONSENT)
            .status(Consent.StatusEnum.ACTIVE)
            .scope(concept(TERMINOLOGY + "/consentscope", "patient-privacy"))
            .addCategoryItem(concept(codes + "/CodeSystem/record-consent", kind))
            .patient(new Reference().reference(holder))
            .addPerformerItem(new Reference().reference(holder))
            .dateTime("2026-01-05")
            .addPolicyItem(new ConsentPolicyInner().uri("https://carnet.example/policy"));
    }

    /** The transaction that opens a record, with its treating physician. */
    static Bundle opening() {
        String[] ins = System.getenv("CARNET_INS").split("\\|");
        Patient person = new Patient()
            .resourceType(Patient.ResourceTypeEnum.PATIENT)
            .addIdentifierItem(new Identifier().system(ins[0]).value(ins[1]))
            .addNameItem(new HumanName().use(HumanName.UseEnum.OFFICIAL).family("Pat-Trois").addGivenItem("Dominique"))
            .gender(Patient.GenderEnum.FEMALE)
            .birthDate("1979-03-05");
        CareTeam team = new CareTeam()
            .resourceType(CareTeam.ResourceTypeEnum.CARE_TEAM)
            .status(CareTeam.StatusEnum.ACTIVE)
            .subject(new Reference().reference(HOLDER))
            .addParticipantItem(
                new CareTeamParticipantInner()
                    .addRoleItem(concept(FUNCTION, "PCP"))
                    .member(practitioner("810000000001")));
        Bundle bundle = new Bundle()
            .resourceType(Bundle.ResourceTypeEnum.BUNDLE)
            .type(Bundle.TypeEnum.TRANSACTION);
        for (Object sent : List.of(person, consent(HOLDER, "opening"), team)) {
            Resource resource = JSON.convertValue(sent, Resource.class);
            int number = bundle.getEntry() == null ? 1 : bundle.getEntry().size() + 1;
            BundleEntryRequest request = new BundleEntryRequest()
                .method(BundleEntryRequest.MethodEnum.POST)
                .url(resource.getResourceType());
            String url = HOLDER.substring(0, HOLDER.length() - 1) + number;
            bundle.addEntryItem(new BundleEntry().fullUrl(url).resource(resource).request(request));
        }
        return bundle;
    }

    static DocumentReference document(String record, int number) {
        byte[] content = ("<ClinicalDocument>" + number + "</ClinicalDocument>").getBytes(StandardCharsets.UTF_8);
        DocumentReference made = new DocumentReference()
            .resourceType(DocumentReference.ResourceTypeEnum.DOCUMENT_REFERENCE)
            .status(DocumentReference.StatusEnum.CURRENT)
            .type(concept("http://loinc.org", "11488-4"))
            .subject(new Reference().reference("Patient/" + record))
            .description("document " + number)
            .addSecurityLabelItem(concept(TERMINOLOGY + "/v3-Confidentiality", "N"));
        Attachment attachment = new Attachment()
            .contentType("application/xml")
            .data(Base64.getEncoder().encodeToString(content));
        return made.addContentItem(new DocumentReferenceContentInner().attachment(attachment));
    }

    /** The resources of a page; what the server says of the search is not one of them. */
    static List<Resource> matches(Bundle page) {
        if (page.getEntry() == null) return List.of();
        return page.getEntry().stream()
            .filter(entry -> entry.getSearch().getMode() == BundleEntrySearch.ModeEnum.MATCH)
            .map(BundleEntry::getResource)
            .toList();
    }

    /** Ids of every document of the record, a page for each. */
    static TreeSet<String> found(DocumentReferenceApi by, String record) throws ApiException {
        TreeSet<String> ids = new TreeSet<>();
        String cursor = null;
        while (true) {
            Bundle page = by.searchDocumentReference(
                DocumentReferenceApi.APISearchDocumentReferenceRequest.newBuilder()
                    .patient(List.of(record)).count(1).cursor(cursor).build());
            matches(page).forEach(resource -> ids.add(resource.getId()));
            String next = page.getLink().stream()
                .filter(link -> link.getRelation().equals("next"))
                .map(BundleLinkInner::getUrl)
                .findFirst().orElse(null);
            if (next == null) return ids;
            cursor = List.of(URI.create(next).getRawQuery().split("&")).stream()
                .filter(part -> part.startsWith("_cursor="))
                .map(part -> URLDecoder.decode(part.substring("_cursor=".length()), StandardCharsets.UTF_8))
                .findFirst().orElseThrow();
        }
    }

    static DocumentReference deposit(DocumentReferenceApi by, DocumentReference made) throws ApiException {
        return by.createDocumentReference(
            DocumentReferenceApi.APICreateDocumentReferenceRequest.newBuilder().documentReference(made).build());
    }

    static void authorise(ApiClient holder, String record) throws ApiException {
        ConsentProvisionActorInner actor = new ConsentProvisionActorInner()
            .role(concept(TERMINOLOGY + "/v3-ParticipationType", "IRCP"))
            .reference(practitioner("810000000021"));
        Consent will = consent("Patient/" + record, "authorisation")
            .provision(new ConsentProvision().type(ConsentProvision.TypeEnum.PERMIT).addActorItem(actor));
        new ConsentApi(holder).createConsent(ConsentApi.APICreateConsentRequest.newBuilder().consent(will).build());
    }

    static void mask(DocumentReferenceApi by, DocumentReference made) throws ApiException {
        JsonPatchInner change = new JsonPatchInner()
            .op(JsonPatchInner.OpEnum.REPLACE)
            .path("/securityLabel/0")
            .value(concept(VISIBILITY, "MASQUE_PS"));
        by.patchDocumentReference(
            DocumentReferenceApi.APIPatchDocumentReferenceRequest.newBuilder()
                .id(made.getId()).jsonPatchInner(List.of(change))
                .ifMatch("W/\"" + made.getMeta().getVersionId() + "\"").build());
    }

    /** Code of the refusal to read a document. */
    static String refused(DocumentReferenceApi by, String id) throws Exception {
        try {
            by.readDocumentReference(
                DocumentReferenceApi.APIReadDocumentReferenceRequest.newBuilder().id(id).build());
        } catch (ApiException refusal) {
            if (refusal.getCode() != 404) throw refusal;
            return JSON.readValue(refusal.getResponseBody(), OperationOutcome.class).getIssue().get(0).getCode();
        }
        throw new IllegalStateException("the masked document was read");
    }

    public static void main(String[] arguments) throws Exception {
        ApiClient doctor = speaking(System.getenv("DOCTOR"));
        DocumentReferenceApi pharmacist = new DocumentReferenceApi(speaking(System.getenv("PHARMACIST")));
        Bundle opened = new SystemApi(doctor).postBundle(
            SystemApi.APIPostBundleRequest.newBuilder().bundle(opening()).build());
        String record = opened.getEntry().get(0).getResponse().getLocation().split("/")[1];
        System.out.println(record); // who started this hands over the holder's token now
        ApiClient holder = speaking(new BufferedReader(new InputStreamReader(System.in)).readLine().strip());

        DocumentReferenceApi depositor = new DocumentReferenceApi(doctor);
        List<DocumentReference> deposits = new ArrayList<>();
        for (int number = 0; number < 3; number++) deposits.add(deposit(depositor, document(record, number)));
        List<String> ids = deposits.stream().map(DocumentReference::getId).collect(Collectors.toList());
        if (!found(depositor, record).equals(new TreeSet<>(ids))) throw new IllegalStateException("not all were found");

        authorise(holder, record);
        mask(new DocumentReferenceApi(holder), deposits.get(1));
        Bundle acts = new AuditEventApi(holder).searchAuditEvent(
            AuditEventApi.APISearchAuditEventRequest.newBuilder().patient(List.of(record)).count(100).build());
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("record", record);
        told.put("documents", ids);
        told.put("masked", ids.get(1));
        told.put("seen", found(pharmacist, record));
        told.put("refused", refused(pharmacist, ids.get(1)));
        told.put("journal", matches(acts).size());
        System.out.println(JSON.writeValueAsString(told));
    }
}
