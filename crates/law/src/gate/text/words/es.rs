use crate::gate::Aim::{Arrest, FindMissing, HandOver, Identify, Inform, Locate, TraceAssets, Warn, Watch};
use crate::gate::text::Mark;
use crate::gate::text::lexicon::{Entry, asks, mark, named};

pub(super) const ENTRIES: &[Entry] = &[
    asks(
        Arrest,
        "arrest*|aprehen*|encarcel*|detención*|deténganl*|prisión|cárcel|apresar|apresen|apresad*|orden de captura|circular roja|notificación roja|\
         fugitiv*|prófug*|custodia policial|bajo custodia|detener @|detenerl* @|detengan @|detenga @|detenid* @|detien* @|captur* @|retener @|\
         retengan @|esposar",
    ),
    // «deporte» is sport.
    asks(
        HandOver,
        "extradi*|deportar|deportarl*|deportad*|deportación*|deporten|expuls*|entreg* @|entréguenl*|repatri* @|devuelv* @|devolv* @",
    ),
    asks(
        Locate,
        "paradero*|domicilio*|lugar de residencia|dónde vive*|dónde se esconde*|localiz* @|localícen* @|ubic* @|ubiquen @|encontr* @|\
         encuentr* @|busc* @|busquen @|rastre* @|hallar @|geolocaliz* @",
    ),
    asks(
        Watch,
        "vigil* @|seguir @|sigan @|siga @|seguimiento @|espi* @|observ* @|escucha* telefónica*|intervención telefónica",
    ),
    asks(Inform, "su número de teléfono|su teléfono"),
    asks(Arrest, "disposición de la justicia|salga del país|salgan del país"),
    asks(Identify, "identifi* @|identidad @|quién es @"),
    asks(Inform, "antecedentes penales|información sobre @|datos de @|antecedentes @"),
    asks(Warn, "persona peligrosa|individuo peligroso"),
    asks(
        FindMissing,
        "persona* desaparecid*|menor desaparecid*|niña desaparecida|niño desaparecido|desaparición de @|secuestr* @",
    ),
    asks(TraceAssets, "bienes de @|congel* @|sus bienes|sus cuentas"),
    asks(
        Arrest,
        "salida del país|salir del país|prohibición de salida|impid* @|interrog* @|interroguen @|allan* ~ casa|allan* ~ domicilio|allanamiento*|registr* ~ casa|confisc* @|confisquen @|retir* ~ pasaporte",
    ),
    asks(
        Locate,
        "su dirección particular|dirección de @|en su territorio|en su país @|saber dónde está|dónde está @|dónde se encuentra @|se encuentra en su país",
    ),
    asks(Watch, "cruce ~ frontera|cruza* ~ frontera|cruzar ~ frontera|sus movimientos|lista de vigilancia"),
    asks(Inform, "solicitud de asilo|solicitado asilo|solicitó asilo"),
    // «política de seguridad» is no politics.
    mark(
        Mark::Political,
        "preso* político*|partido político|opositor*|oposición|disidente*|manifestante*|golpe de estado|sedición|traición|extremis*|\
         separatis*|elecciones|persecución política|actividad* política*|motivo* político*|razones políticas",
    ),
    mark(
        Mark::Politician,
        "ministro*|ministra|ministras|diputad*|senador*|ex presidente|expresident*|alcalde*|embajador*",
    ),
    mark(Mark::Journalist, "periodis*|reporter*|bloguer*|redactor* jefe|libertad de prensa"),
    mark(Mark::Activist, "activist*|defensor* de derechos|derechos humanos|ong|sociedad civil"),
    mark(Mark::Asylum, "asilo|asilad*|refugiad*|persegu*|persecu*|exili*|apátrida*|tortur*"),
    mark(
        Mark::Religious,
        "religi*|blasfem*|apostas*|iglesia*|mezquita*|imán|sacerdote*|secta*|musulm*|judío*|judía*|cristianos",
    ),
    mark(Mark::Military, "desertor*|deserción|servicio militar|soldado*|conscripto*"),
    mark(Mark::Ethnic, "etni*|étnic*|minoría*|tribu|tribus|indígena*|racial*"),
    mark(
        Mark::Family,
        "divorci*|custodia de ~ hij*|pensión alimenticia|disputa familiar|adulterio|homosexual*|lesbiana*",
    ),
    named("fecha de nacimiento|nacido el|nacida el|número de pasaporte|pasaporte* #|cédula de identidad|dni"),
];

pub(super) const PERSONS: &str = "persona|personas|hombre*|mujer*|individuo*|sospechos*|ciudadan*|pasajer*|prófug*|imputad*|acusad*|\
     condenad*|hermano*|hermana*|esposa|esposo|padre|madre|hijo|hija|estudiante*|abogad*|periodista*|opositor*|activista*|refugiad*|\
     señor|señora|sujeto|ella|abonado*";
