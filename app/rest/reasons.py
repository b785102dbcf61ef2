"""The sentences that people read in an OperationOutcome, in French and in English."""

from __future__ import annotations

REASONS = {
    "overloaded": ("Le service est saturé : réessayez.", "The service is at its limit: try again."),
    "request-timeout": ("La demande a pris trop de temps.", "The request took too long."),
    "too-many-requests": (
        "Trop de demandes à la fois : ralentissez.",
        "Too many requests at a time: slow down.",
    ),
    "record-not-open": ("Le dossier n'est pas ouvert.", "The record is not open."),
    "excluded-party": ("La loi exclut cet accès.", "The law excludes this access."),
    "withdrawn": ("Le document a été retiré.", "The document was withdrawn."),
    "announcement-pending": ("Le document attend son annonce.", "The document awaits its announcement."),
    "hidden-from-representatives": (
        "Le document n'est pas visible par les représentants.",
        "The document is hidden from representatives.",
    ),
    "not-a-professional": ("Accès réservé aux professionnels de santé.", "Only health professionals may do this."),
    "legal-hold": ("Le dossier est conservé pour la justice.", "The record is kept for a court."),
    "deceased": ("Le titulaire est décédé.", "The holder has died."),
    "representative-missing": (
        "Le dossier d'un mineur s'ouvre avec celui qui le représente.",
        "The record of a minor opens with somebody who represents him.",
    ),
    "consent-missing": ("Un dossier s'ouvre avec un accord exprès.", "A record opens with express consent."),
    "opposition-unanswered": ("Une réponse manque.", "An answer is missing."),
    "not-an-rpps": ("Ce n'est pas un numéro RPPS.", "This is no RPPS number."),
    "no-window": ("Vous n'avez pas d'accès en urgence ouvert.", "You have no emergency window open."),
    "contact": ("Cette adresse ne peut recevoir de message.", "No message reaches this address."),
    "blocked": ("Le titulaire a bloqué cet accès.", "The holder blocked this access."),
    "masked": ("Le document est masqué.", "The document is masked."),
    "outside-profession": (
        "La matrice d'habilitation ne donne pas ce type de document à cette profession.",
        "The habilitation matrix does not give this type of document to this profession.",
    ),
    "emergency-opposed": (
        "Le titulaire s'est opposé à l'accès en urgence.",
        "The holder opposed emergency access.",
    ),
    "not-authorised": ("Le titulaire n'a pas autorisé cet accès.", "The holder has not authorised this access."),
    "break-glass-allowed": ("Le bris de glace vous serait permis.", "Break-glass would be allowed to you."),
    "break-glass-refused": ("Le bris de glace vous serait refusé.", "Break-glass would be refused to you."),
    "copy-as-the-holder-reads": (
        "Cette copie contient ce que le titulaire peut lire aussi.",
        "This copy holds what the holder may read as well.",
    ),
    "insufficient-scope": ("Le jeton ne donne pas ce droit.", "The token does not give this right."),
    "no-token": ("Un jeton d'accès est nécessaire.", "An access token is needed."),
    "invalid-token": ("Le jeton d'accès n'est pas valable.", "The access token does not hold."),
    "sign-in-over": (
        "La connexion est terminée ou trop ancienne : recommencez depuis l'application.",
        "The sign-in is over or too old: begin again from the application.",
    ),
    "bad-password": (
        "Le numéro de sécurité sociale ou le mot de passe est faux.",
        "The social security number or the password is wrong.",
    ),
    "bad-code": ("Le code est faux, déjà utilisé ou trop ancien.", "The code is wrong, used or too old."),
    "password-length": (
        "Le mot de passe compte de 10 à 128 caractères.",
        "The password has 10 to 128 characters.",
    ),
    "password-common": (
        "Ce mot de passe est parmi ceux que l'on essaie en premier : choisissez-en un autre.",
        "This password is among those that are tried first: choose another.",
    ),
    "passwords-differ": ("Les deux mots de passe sont différents.", "The two passwords differ."),
    "provider-failed": (
        "La connexion par le fournisseur d'identité n'a pas abouti.",
        "The sign-in with the provider of identities failed.",
    ),
    "no-professional": (
        "Le fournisseur d'identité ne décrit pas un professionnel de santé.",
        "The provider of identities describes no health professional.",
    ),
    "no-patient": ("Aucun dossier n'a été trouvé pour ce numéro.", "No record was found for this number."),
    "too-many-attempts": ("Trop d'essais : réessayez plus tard.", "Too many attempts: try again later."),
    "launched-by-another": (
        "Une autre personne a lancé cette application.",
        "Another person launched this application.",
    ),
    "another-person": ("L'application attend une autre personne.", "The application expects another person."),
    "not-served": ("Cette application ne vous est pas destinée.", "This application is not for you."),
    "not-yours-to-do": ("Cet acte ne vous revient pas.", "This act is not yours to do."),
    "attested-by-name": (
        "Une autorisation attestée nomme des professionnels, sans structure, équipe ni profession entière.",
        "An attested authorisation names professionals, and no structure, team or whole profession.",
    ),
    "identity-traits": (
        "Seul un professionnel change les traits d'une identité qualifiée.",
        "Only a professional changes the traits of a qualified identity.",
    ),
    "element-settled": ("Cet élément ne change plus.", "This element does not change any more."),
    "category-settled": ("Un consentement garde sa catégorie.", "A Consent keeps its category."),
    "not-deleted": ("Ceci ne se supprime pas.", "This is not deleted."),
    "not-found": ("La ressource n'existe pas.", "The resource does not exist."),
    "deleted": ("La ressource a été supprimée.", "The resource was deleted."),
    "stale-version": ("La ressource a une autre version maintenant.", "The resource has another version now."),
    "no-match": ("Rien ne correspond à la condition.", "Nothing matches the condition."),
    "ambiguous-label": (
        "Deux étiquettes de visibilité s'y trouvent : laquelle changer n'est pas dit.",
        "Two visibility labels stand there: which one to change is not said.",
    ),
    "announcement-replaces": (
        "Un document visible ne peut être remplacé par un document qui attend son annonce.",
        "What the holder sees is not replaced by what awaits its announcement.",
    ),
    "author-mismatch": (
        "L'auteur n'est ni vous ni de votre structure.",
        "The author is neither you nor of your structure.",
    ),
    "custodian-mismatch": (
        "Le responsable du document n'est pas votre structure.",
        "The custodian is not your structure.",
    ),
    "consent-not-active": ("Un consentement commence actif.", "A Consent begins as active."),
    "consent-not-understood": (
        "Le consentement dit ce que le dossier ne sait pas appliquer.",
        "The Consent says what the record cannot enforce.",
    ),
    "period-reversed": ("La période finit avant de commencer.", "The period ends before it begins."),
    "unresolved-reference": ("Une référence ne mène à rien de connu.", "A reference leads to nothing known."),
    "record-closed": ("Le dossier est fermé.", "The record is closed."),
    "record-not-closed": ("Le dossier n'est pas fermé.", "The record is not closed."),
    "record-open": ("Le dossier est déjà ouvert.", "The record is open already."),
    "no-record": ("Le dossier concerné n'est pas dit.", "Whose record it is, is not said."),
    "ins-missing": ("L'INS manque.", "The INS is missing."),
    "ins-taken": ("Cet INS ne peut être donné à ce patient.", "This INS cannot be given to this Patient."),
    "ins-twice": ("L'INS est donné plusieurs fois.", "The INS is given more than once."),
    "ins-key": ("La clé de l'INS est fausse.", "The key of the INS is wrong."),
    "owner-missing": ("Une rectification a un destinataire.", "A rectification has an owner."),
    "requester-mismatch": ("Le demandeur est celui qui demande.", "The requester is who asks."),
    "treating-physician": (
        "La déclaration du médecin traitant n'est pas possible ainsi.",
        "The treating physician cannot be declared this way.",
    ),
    "second-treating-physician": (
        "Le dossier a déjà un médecin traitant.",
        "The record has a treating physician already.",
    ),
    "treating-physician-blocked": (
        "Le médecin traitant ne peut être bloqué.",
        "The treating physician cannot be blocked.",
    ),
    "profile": (
        "La ressource ne respecte pas un profil qu'elle annonce.",
        "The resource breaks a profile that it names.",
    ),
    "unknown-profile": ("Ce profil n'est pas connu ici.", "This profile is not known here."),
    "content-too-large": ("Le contenu est trop grand.", "The content is too large."),
    "audit-unavailable": ("Le journal ne peut pas être tenu ; réessayez.", "The trail cannot be kept; try again."),
    "cursor-expired": ("Cette recherche est trop ancienne ; relancez-la.", "This search is too old; search again."),
    "includes-cut": (
        "Les résultats amènent plus de ressources qu'il n'en est montré.",
        "The matches bring more along than is shown.",
    ),
    "search-timeout": ("La recherche prend trop de temps.", "The search takes too long."),
    "unknown-parameter": ("Un paramètre inconnu n'a pas été pris en compte.", "An unknown parameter was left out."),
    "secret-connection": (
        "Un représentant n'a pas accès dans une connexion secrète.",
        "A representative has no access in a secret connection.",
    ),
    "nothing-visible": ("Rien n'est visible ici.", "Nothing is visible here."),
    "concurrent-change": ("Une autre modification est passée avant.", "Another change came first."),
    "ids-are-the-servers": ("Le serveur choisit les identifiants.", "The server chooses the ids."),
    "fhirpath-unsupported": (
        "Le FHIRPath emploie ce qui n'est pas pris en charge.",
        "The FHIRPath uses what is not supported.",
    ),
    "selector-unsupported": (
        "Le sélecteur XML emploie ce qui n'est pas pris en charge.",
        "The XML selector uses what is not supported.",
    ),
    "patch-too-costly": ("La modification demande trop de travail.", "The patch asks for too much work."),
    "patch-malformed": ("La modification demandée n'est pas lisible.", "The patch cannot be read."),
    "patch-path": (
        "La modification nomme un élément qui n'existe pas.",
        "The patch names an element that is not there.",
    ),
    "patch-unseen": (
        "Qui ne lit pas la ressource dit seulement ce qu'elle devient.",
        "Who does not read the resource says only what becomes of it.",
    ),
    "patch-test-failed": ("Le test de la modification échoue.", "The test of the patch fails."),
    "reimbursement-only": (
        "L'assurance ne dépose que des données de remboursement.",
        "The insurer deposits reimbursement data only.",
    ),
    "holder-type": (
        "Le titulaire ne dépose que ses propres types de documents.",
        "The holder deposits documents of his own types only.",
    ),
    "announcement-by-holder": (
        "Un document du titulaire n'attend pas d'annonce.",
        "The holder's own document awaits no announcement.",
    ),
    "visibility-cumulation": (
        "Un document n'est pas à la fois masqué et en attente d'annonce.",
        "A document cannot be masked and await its announcement together.",
    ),
    "not-a-minor": (
        "Seuls les documents d'un mineur sont cachés à ses représentants.",
        "Only a minor's documents are hidden from representatives.",
    ),
    "seen-by-holder": ("Le titulaire a déjà ouvert ce document.", "The holder has opened this document."),
    "announcement-over": (
        "Le mois qui suit le dépôt est passé : le document n'attend plus d'annonce.",
        "The month after the deposit is over: the document awaits no announcement any more.",
    ),
    "not-yours-to-erase": (
        "Le titulaire ne supprime que ses propres dépôts.",
        "The holder deletes his own deposits only.",
    ),
    "strong-authentication": (
        "Cet acte demande une authentification forte directe.",
        "This act needs direct strong authentication.",
    ),
    "unknown-actor": (
        "Cette personne, structure ou profession n'est pas connue.",
        "This person, structure or profession is not known.",
    ),
    "XDSDuplicateUniqueIdInRegistry": (
        "Un autre contenu porte déjà cet identifiant.",
        "Another content has this identifier already.",
    ),
    "FHIRDocumentNotSupported": (
        "Un document FHIR ne se dépose pas ainsi ; voir `$generate-metadata`.",
        "A FHIR document is not deposited so; see `$generate-metadata`.",
    ),
    "UnavailableRecipient": (
        "Un destinataire n'est pas prévenu du dépôt.",
        "A recipient is not told of the deposit.",
    ),
    "UnknownRecipient": ("Un destinataire n'est pas connu.", "A recipient is not known."),
    "XDSMissingDocumentMetadata": (
        "Aucun document du lot ne décrit ce contenu.",
        "No document of the submission is about this content.",
    ),
    "XDSPatientIdDoesNotMatch": (
        "Un lot ou un classeur ne concerne qu'une seule personne.",
        "A submission set or a folder is about one person.",
    ),
    "XDSRegistryDeprecatedDocumentError": (
        "Ce document a déjà été remplacé.",
        "This document has been replaced already.",
    ),
    "XDSRepositoryDuplicateUniqueIdInMessage": (
        "Deux documents de l'envoi portent le même identifiant.",
        "Two documents of the message have the same identifier.",
    ),
    "InvalidDocumentContent": (
        "Le contenu n'est pas un document structuré et codé que l'on puisse lire.",
        "The content is not a structured and coded document that can be read.",
    ),
    "XDSNonIdenticalHash": ("L'empreinte n'est pas celle du contenu.", "The hash is not that of the content."),
    "XDSNonIdenticalSize": ("La taille n'est pas celle du contenu.", "The size is not that of the content."),
}
"""French and English sentence of each reason code."""

PERMITS = {
    "holder": ("Le titulaire voit son dossier.", "The holder sees his own record."),
    "representative": ("Le représentant légal voit le dossier.", "The legal representative sees the record."),
    "treating-physician": (
        "Le médecin traitant voit tout le dossier.",
        "The treating physician sees the whole record.",
    ),
    "full-access": ("Le titulaire lui a donné un accès complet.", "The holder gave him full access."),
    "depositor": ("Il a déposé ce document.", "He deposited this document."),
    "authorised": ("Le titulaire a autorisé cet accès.", "The holder authorised this access."),
    "break-glass": (
        "Urgence : un bris de glace donne accès pour quelques heures.",
        "Emergency: break-glass gives access for some hours.",
    ),
    "regulation": (
        "Urgence : le médecin régulateur du SAMU a accès.",
        "Emergency: the regulator of the SAMU has access.",
    ),
}
"""French and English sentence of each rule that permits a read. Those that deny have theirs among the reasons."""

CHANGES = {
    "unblock": ("Retirer le blocage.", "Withdraw the block."),
    "unblock-group": ("Retirer le blocage de la profession.", "Withdraw the block of the profession."),
    "unmask": ("Démasquer le document.", "Unmask the document."),
    "show": ("Ne plus cacher le document aux représentants.", "Show the document to representatives."),
    "announce": (
        "Faire annoncer le document par son déposant ou le médecin traitant.",
        "Have the document announced by its depositor or the treating physician.",
    ),
    "wait": ("Attendre cette date.", "Wait until then."),
    "authorise": ("Donner une autorisation.", "Give an authorisation."),
    "give-full-access": ("Donner un accès complet.", "Give full access."),
    "allow-break-glass": ("Retirer l'opposition au bris de glace.", "Withdraw the opposition to break-glass."),
    "allow-regulation": ("Retirer l'opposition à la régulation.", "Withdraw the opposition to regulation."),
    "break-glass": ("Un bris de glace, en urgence.", "Break-glass, in an emergency."),
    "block": ("Bloquer ce professionnel.", "Block this professional."),
    "mask": ("Masquer le document.", "Mask the document."),
    "hide": ("Cacher le document aux représentants.", "Hide the document from representatives."),
    "end-authorisation": ("Mettre fin à l'autorisation.", "End the authorisation."),
    "end-full-access": ("Retirer l'accès complet.", "Withdraw the full access."),
    "change-treating-physician": ("Changer de médecin traitant.", "Change the treating physician."),
    "end-representation": ("Mettre fin à la représentation.", "End the representation."),
    "oppose-break-glass": ("S'opposer au bris de glace.", "Oppose break-glass."),
    "oppose-regulation": ("S'opposer à la régulation.", "Oppose regulation."),
}
"""French and English sentence of each change that would turn a verdict (`app.policy.explain`)."""

SAID = {"rule": REASONS | PERMITS, "act": CHANGES}
"""The sentences of the codes in an operation's answer, by the name of their parameter."""

CODES = {
    "structure": ("La requête n'est pas lisible.", "The request cannot be read."),
    "value": ("Une valeur de la requête n'est pas possible.", "A value of the request is not possible."),
    "required": ("Un élément obligatoire manque.", "A required element is missing."),
    "not-supported": ("Ceci n'est pas pris en charge.", "This is not supported."),
    "login": ("Une authentification valide est nécessaire.", "A valid authentication is needed."),
    "forbidden": ("Cet acte n'est pas permis.", "This act is not allowed."),
    "not-found": ("La ressource n'existe pas.", "The resource does not exist."),
    "duplicate": ("La ressource existe déjà avec un autre contenu.", "The resource exists with other content."),
    "conflict": ("Une autre modification l'a emporté.", "Another change won."),
    "deleted": ("La ressource a été supprimée.", "The resource was deleted."),
    "multiple-matches": ("Plusieurs ressources correspondent.", "Several resources match."),
    "too-long": ("La requête est trop longue.", "The request is too long."),
    "invariant": ("La ressource ne respecte pas une règle de son type.", "The resource breaks a rule of its type."),
    "code-invalid": ("Un code n'est pas valide.", "A code is not valid."),
    "business-rule": ("L'acte ne respecte pas une règle du dossier.", "The act breaks a rule of the record."),
    "too-costly": ("La requête est trop coûteuse.", "The request is too costly."),
    "throttled": ("Trop de requêtes ; réessayez plus tard.", "Too many requests; try again later."),
    "transient": ("Le service ne peut pas répondre ; réessayez.", "The service cannot answer; try again."),
    "exception": ("Une erreur interne est survenue.", "An internal error occurred."),
    "informational": ("Pour information.", "For information."),
}
"""Sentence of each issue code, used where the reason has none."""
