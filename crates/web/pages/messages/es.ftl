language = Español
skip = Ir al contenido
log-in = Iniciar sesión
log-in-passkey = Iniciar sesión con una clave de acceso
log-in-passkey-how = Su dispositivo pide un PIN, un dedo o un rostro.
no-script = Las claves de acceso necesitan scripts, que aquí están desactivados. La contraseña funciona sin ellos.
or-password = O con una contraseña
account = Cuenta
password = Contraseña
code = Código de un solo uso
code-how = Seis cifras de su autenticador, o un código de recuperación.
have-invitation = Tengo una invitación
log-in-provider = Iniciar sesión con { $provider }
set-up-provider = Iniciar sesión con { $provider } a partir de ahora
going-on = Un momento
to-provider = Está en camino a { $provider }.
provider-said = { $provider } ha confirmado quién es usted.
go-on = Continuar
provider-away = El proveedor de identidad no responde. Inténtelo de nuevo en un momento, o entre de otra manera.
provider-refused = El proveedor de identidad no ha confirmado quién es usted.
provider-weak = El proveedor de identidad no ha pedido bastante: este nodo exige dos factores. Dígaselo a quien administra el proveedor.
provider-not = Esto no responde a lo que preguntó este navegador, o llegó demasiado tarde. Empiece de nuevo aquí.
set-up = Preparar su acceso
set-up-why = Use el código que le dio un operador. Lo que había preparado antes deja de valer, y sus claves de API también.
invitation = Código de invitación
key-name = Nombre de este dispositivo
key-name-example = portátil del trabajo
set-up-passkey = Crear una clave de acceso
set-up-password = Usar en su lugar una contraseña y códigos de un solo uso
password-how = Al menos { $least } caracteres. Una frase se recuerda con facilidad.
set-up-password-do = Fijar una contraseña
set-up-done = Su acceso está preparado
scan = Escanee esto con su autenticador, o escriba el secreto.
secret = Secreto
recovery = Códigos de recuperación
recovery-how = Cada uno vale una vez, en lugar de un código de un solo uso. Imprímalos y guárdelos lejos de su dispositivo. Solo se muestran ahora.
go-log-in = Ir a iniciar sesión
you-are = Usted es { $name }
account-name = Cuenta
roles = Funciones
clearance = Habilitación
units = Unidades
cases = Casos
nothing-there = ninguna
came-in-by = Entró por
by-passkey = clave de acceso
by-password = contraseña y código de un solo uso
by-provider = proveedor de identidad
passkeys = Claves de acceso
added-on = añadida el { $day }
used-on = usada por última vez el { $day }
never-used = nunca usada
may-be-copied = puede haber copias en un servicio en la nube
remove = Quitar
add-passkey = Añadir una clave de acceso
no-passkeys = Todavía no tiene ninguna clave de acceso.
sessions = Dónde tiene sesión abierta
this-session = aquí, ahora
since = desde { $moment }
end-others = Cerrar todas las sesiones
log-out = Cerrar sesión
wrong = No es correcto, o la cuenta no puede iniciar sesión. No se dice nada más.
wait = Han fallado demasiados intentos. Inténtelo de nuevo en { $seconds ->
    [one] un segundo
   *[other] { $seconds } segundos
}.
short = La contraseña necesita al menos { $least } caracteres.
guessable = Esa contraseña es de las que se prueban primero: una conocida, un nombre de aquí, una fila de teclas. Son mejores varias palabras sin relación.
log-in-again = Inició sesión hace más de un cuarto de hora. Salga y vuelva a entrar; después cambie esto.
show-again = Mostrar de nuevo quién es, para cambiar cómo entra
change-password = Cambiar la contraseña
old-password = Contraseña actual
new-password = Contraseña nueva
change-password-how = Después vuelve a entrar en todas partes.
device-refused = La respuesta del dispositivo no es válida. Inténtelo de nuevo; esta página debe abrirse en la propia dirección del nodo.
device-copied = Esta clave de acceso cuenta hacia atrás, así que puede haber una copia. Quítela y cree otra.
device-none = El dispositivo no respondió, o se le dijo que no lo hiciera.
no-passkeys-here = Este nodo no acepta claves de acceso, porque su dirección no es un nombre de dominio.
not-allowed = No le está permitido. La negativa queda registrada.
busy = El nodo está demasiado ocupado ahora. Inténtelo dentro de un momento.
failed = Algo falló dentro del nodo. Lo que se confirmó se conserva.
elsewhere = Esto venía de otra página y no se hizo.
not-found = Aquí no hay nada, o nada que usted pueda ver.
over-budget = Ha preguntado tanto como puede una cuenta en una hora. No se respondió nada; podrá seguir dentro de { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}, o si quien administra el nodo permite más.
refused = Esto no se hizo: { $why }
trouble-title = Esto no funcionó
trouble-number = Quien administra el nodo encuentra más con el número { $number }.
search = Buscar
search-label = Buscar cualquier cosa
search-hint = Un valor, una lista, un nombre, un número de caso, un id
rail = Páginas
page-situation = Situación
page-object = Objetos
page-screening = Cotejo
page-hits = Coincidencias
page-graph = Grafo
page-intake = Importación
page-network = Red
page-ledger = Registro y accesos
page-about = Acerca de
purpose = Finalidad
purpose-prevention = Prevención
purpose-investigation = Investigación
purpose-prosecution = Enjuiciamiento
purpose-protection = Protección
purpose-data-protection = Protección de datos
case-number = Número de caso
reason-in-words = Motivo en palabras
why-how = Cada pregunta queda registrada con esto.
save = Guardar
something-new = Hay algo nuevo. Mostrar
dense = Líneas juntas
loose = Líneas anchas
palette = Ir a
palette-hint = Una página, o lo que busca
palette-keys = Las flechas eligen, Intro va, Esc cierra. En las listas, j y k van de línea en línea; una barra va al cuadro de búsqueda.
pages = Páginas de esta lista
shown-of = { $here } de { $total }
first-page = Al inicio
next-page = Más
just-now = ahora mismo
in-future = en el futuro
minutes-ago = { $count ->
    [one] hace un minuto
   *[other] hace { $count } minutos
}
hours-ago = { $count ->
    [one] hace una hora
   *[other] hace { $count } horas
}
days-ago = { $count ->
    [one] hace un día
   *[other] hace { $count } días
}
years-ago = { $count ->
    [one] hace un año
   *[other] hace { $count } años
}
and-more = { $count ->
    [one] y uno más
   *[other] y { $shown } más
}
no-tlp = sin TLP
mark-tlp = Traffic Light Protocol: hasta dónde puede transmitirse
mark-no-tlp = Nadie dijo hasta dónde puede transmitirse
marking-unknown = marcado desconocido
mark-unresolved = Lleva un marcado cuyo sentido este nodo no conoce, así que está cerrado
mark-need = Aquí solo lo ven las personas que tienen esto
mark-pap = Permissible Actions Protocol: qué puede hacerse con ello
mark-handling = Código de tratamiento
mark-release = Puede darse solo a estos
mark-deny = No puede darse a este
mark-grading = Fiabilidad de la fuente y credibilidad de la información
personal-data = datos personales
mark-personal = Trata de personas
parts-of-page = Partes de esta página
view-read = Contenido
view-ties = Vínculos
view-timeline = Cronología
view-versions = Versiones
view-audience = Quién puede verlo
view-raw = En bruto
who-may-see = Quién puede verlo, y por qué
seen-by-nobody = Nadie de fuera puede verlo.
may-see = { $count ->
    [one] Una organización puede verlo
   *[other] { $shown } organizaciones pueden verlo
}
may-not-see = { $count ->
    [one] Una organización no puede
   *[other] { $shown } organizaciones no pueden
}
cannot-recall = Allí no puede retirarse: ningún nodo ejecuta la retirada.
given-by = Dado por { $way }
given-before = Se dio antes, por { $way }
audience-not-yours = Su función no muestra quién puede verlo.
share = Compartir
recall = Retirar
past-version = ya no vale
held-by-too = También lo tiene
no-ties = Nada aquí está vinculado a él.
how-tied = Modo
other-object = El otro
points-out = desde aquí
points-in = hacia aquí
owner = Titular
not-here = no está aquí
counts-now = vale ahora
version-made = Versión
of-batch = Lote { $shown }
at-byte = en el byte { $shown }
bytes-long = { $count ->
    [one] un byte
   *[other] { $shown } bytes
}
download-raw = Descargar exactamente estos bytes
property = Propiedad
before = Antes
after = Después
narrow = Acotar la lista
type = Tipo
nothing-here = Aquí no hay nada.
object-name = Objeto
marks = Marcas
changed = Cambiado
objects-of-case = { $count ->
    [one] Un objeto de este caso
   *[other] { $shown } objetos de este caso
}
on-warning-list = Común e inofensivo según la lista
nobody-knows = Nadie aquí lo conoce.
mentions = { $count ->
    [one] Una mención
   *[other] { $shown } menciones
}
how-held = Modo
holds-is = lo es
holds-mentions = lo menciona
holds-looks-for = lo busca
in-what = En
more-than-shown = Hay más de los que se muestran.
things-named = Objetos con ese nombre
no-value-no-name = No es un valor de ningún tipo conocido aquí, y nada aquí lo lleva en su nombre.
kind-in-front = Para estar seguro, ponga delante el tipo de valor, como phone:+372 5551234.
values-to-screen = Valores, uno por línea
screening-how = Hasta un millón. Se reconocen direcciones, hashes, cuentas, números de teléfono y otros, también como los escriben los informes (hxxp, [.]).
or-file = O un archivo de valores
screen = Cotejar
earlier-screenings = Sus cotejos de la última hora
screened-values = { $count ->
    [one] Un valor cotejado
   *[other] { $shown } valores cotejados
}
of-them-known = Conocidos: { $shown }
no-values = No reconocidos: { $shown }
all = Todo
download-table = Descargar la tabla
asked-for = Preguntado
known-to = Conocido por
mentions-short = Menciones
nobody = nadie
nothing-to-screen = No había nada que cotejar.
screening-kept = Se conserva una hora para usted y en ningún otro lugar.
paste-report = Pegar un informe
paste-how = Se encuentran los valores que contiene, también como los escriben los informes (hxxp, [.]). Usted lo ve todo antes de que se conserve nada.
report-title = Cómo llamarlo
or-files = O archivos
files-how = STIX, MISP, tablas, listas, PDF, HTML, texto; comprimidos o no. Los archivos muy grandes se importan con comity ingest.
pasted-text = Texto pegado
nothing-put-in = Pegue un texto o elija un archivo.
what-may-be-done = Qué puede hacerse con ello
as-source-says = Como diga la fuente
grading = Evaluación
keep-until = Conservar hasta
only-people = Solo para personas con
give-only-to = Darlo solo a estos
give-only-how = Si no se elige ninguno, deciden las marcas y sus acuerdos.
handling = Tratamiento
handling-h0 = para uso contra la delincuencia
handling-h1 = no ante un tribunal sin consentimiento
handling-h2 = no debe transmitirse
handling-h3 = se pregunta antes al titular
look-first = Revisarlo antes
came-in = Lo importado
batch = Lote
note = Nota
stored = Añadidos
already-there = Ya presentes
set-aside = Apartados
when = Cuándo
undone = anulado
draft = Antes de conservarlo
draft-how = Nada de esto se conserva todavía. Vea qué es, qué contiene y a quién se daría; después, impórtelo.
would-bring = { $count ->
    [one] Un objeto
   *[other] { $shown } objetos
}
would-set-aside = { $count ->
    [one] Un elemento quedaría apartado
   *[other] { $shown } elementos quedarían apartados
}
values-in-it = { $count ->
    [one] Un valor en él
   *[other] { $shown } valores en él
}
unmark-how = Quite la marca a lo que no importa: un ejemplo, la propia dirección de quien informa.
all-or-none = Todo o nada
keep = Incluir
value = Valor
times = Veces
also-values = Otros valores que contiene, uno por línea
text-marked = El texto, con lo encontrado
who-would-see = A quién se daría, y por qué
no-peers = No hay otra organización conectada.
sees-all = todo
sees-none = nada
sees-some = { $shown } de sus objetos
look-again = Ver de nuevo
bring-in = Importar
not-now = Ahora no
no-value = { $text } no es un valor de ningún tipo conocido aquí.
bringing-in = Se está importando
objects-so-far = { $count ->
    [one] un objeto hasta ahora
   *[other] { $shown } objetos hasta ahora
}
stop = Parar
goes-on = Sigue aunque salga de esta página. Lo que se leyó antes de parar se conserva, y puede anularse.
takes-back = Anula
objects-read = Objetos leídos
values-found = Valores hallados
warnings = Advertencias
see-objects = Ver los objetos
undo-batch = Anular este lote
undo-how = Todo lo que trajo deja de valer, aquí y, por retirada, donde se dio. Anular la anulación lo restablece.
were-set-aside = { $count ->
    [one] Un elemento quedó apartado
   *[other] { $shown } elementos quedaron apartados
}
file = Archivo
byte = Byte
reason = Motivo
item = Elemento
repaired = reparado
files = Archivos
format = Formato
remarks = Notas
in-already = Ya importado, con el lote { $shown }
findings = Lo que se observó
finding = Hallazgo
first-one = El primero
about-what = Comity { $version }: organizaciones que luchan contra la misma delincuencia descubren que tienen el mismo caso, y después prueban quién vio qué y por qué.
about-licence = Software libre bajo Apache 2.0 o MIT, a su elección.
about-parts = Lo que hicieron otros
about-icons = iconos
about-map = mapa del mundo
about-names = nombres de países, fechas y números
kind-report = Informe
kind-grouping = Agrupación
kind-incident = Incidente
kind-indicator = Indicador
kind-malware = Malware
kind-malware-analysis = Análisis de malware
kind-threat-actor = Actor de amenaza
kind-intrusion-set = Conjunto de intrusión
kind-campaign = Campaña
kind-tool = Herramienta
kind-attack-pattern = Patrón de ataque
kind-course-of-action = Contramedida
kind-vulnerability = Vulnerabilidad
kind-relationship = Relación
kind-sighting = Avistamiento
kind-observed-data = Datos observados
kind-note = Nota
kind-opinion = Opinión
kind-identity = Identidad
kind-location = Ubicación
kind-infrastructure = Infraestructura
kind-marking-definition = Marcado
kind-file = Archivo
kind-artifact = Artefacto
kind-email-addr = Correo electrónico
kind-email-message = Mensaje de correo
kind-user-account = Cuenta de usuario
kind-ipv4-addr = Dirección IPv4
kind-ipv6-addr = Dirección IPv6
kind-domain-name = Nombre de dominio
kind-url = URL
kind-autonomous-system = Sistema autónomo
kind-network-traffic = Tráfico de red
kind-mac-addr = Dirección MAC
kind-mutex = Mutex
kind-process = Proceso
kind-software = Software
kind-directory = Directorio
kind-windows-registry-key = Clave de registro
kind-x509-certificate = Certificado
kind-comity-value = Valor
kind-language-content = Traducción
kind-extension-definition = Extensión
property-name = Nombre
property-value = Valor
property-description = Descripción
property-created = Creado
property-modified = Cambiado
property-created_by_ref = Creado por
property-pattern = Patrón
property-pattern_type = Lenguaje del patrón
property-indicator_types = Indica
property-valid_from = Válido desde
property-valid_until = Válido hasta
property-first_seen = Primera vez visto
property-last_seen = Última vez visto
property-published = Publicado
property-confidence = Confianza
property-labels = Etiquetas
property-aliases = Alias
property-object_refs = Contiene
property-source_ref = De
property-target_ref = A
property-relationship_type = Relación
property-sighting_of_ref = Avistamiento de
property-where_sighted_refs = Avistado por
property-count = Número
property-hashes = Hash
property-size = Tamaño
property-external_references = Referencias
property-kill_chain_phases = Fase del ataque
property-malware_types = Tipo de malware
property-threat_actor_types = Tipo de actor
property-is_family = Es una familia
property-goals = Fines
property-sophistication = Sofisticación
property-resource_level = Recursos
property-primary_motivation = Motivación
property-identity_class = Clase
property-sectors = Sectores
property-contact_information = Contacto
property-country = País
property-report_types = Tipo de informe
property-content = Contenido
property-abstract = En breve
property-opinion = Opinión
property-lang = Idioma
property-revoked = Revocado
property-extensions = Extensión
hits-open = Coincidencias abiertas
hits-asked = Pregunta hecha
hits-confirmed = Confirmadas
hits-dismissed = Descartadas
hit-open = abierta
hit-asked = pregunta hecha
hit-confirmed = confirmada
hit-dismissed = descartada
country = País
looked = Revisado
not-weighed = { $count ->
    [one] Un valor común no se ha valorado
   *[other] { $shown } valores comunes no se han valorado
}
hits-beyond = { $count ->
    [one] Una coincidencia más débil no se conserva
   *[other] { $shown } coincidencias más débiles no se conservan
}
no-hits = Aquí no coinciden casos de distintos titulares.
look-at-hit = Ver la coincidencia
grown = más indicios desde entonces
hit = Coincidencia
why-linked = Por qué están vinculados
shared-values = { $count ->
    [one] Un valor en común
   *[other] { $shown } valores en común
}
what-is-it = ¿Qué es?
note-or-question = Nota, o pregunta al titular
ask-how = La pregunta va al titular con el nombre de su organización y el id del propio objeto de aquel. El caso de usted, sus valores y la fuerza de la coincidencia se quedan aquí.
confirm = El mismo asunto
dismiss = No es el mismo
ask-owner = Preguntar al titular
reopen = Reabrir
said-before = Lo que se dijo
questions = Preguntas
answer = Respuesta
no-answer-yet = Todavía sin respuesta.
strength-weak = débil
strength-fair = media
strength-strong = fuerte
strength-very-strong = muy fuerte
reason-both = En común: { $kind } { $value };
reason-through = Ambos llevan, a través de { $via }, a esto: { $kind } { $value };
reason-rarest = no se conoce un tercer caso que contenga este valor.
reason-rare = { $count ->
    [one] solo un caso contiene este valor.
   *[other] solo { $shown } casos contienen este valor.
}
reason-many = { $cases } casos de { $owners } organizaciones contienen este valor.
reason-listed = este valor está en la lista «{ $list }», así que cuenta poco.
reason-host-listed = su host está en la lista «{ $list }», así que cuenta menos.
graph-how = Un grafo empieza en un objeto o en una coincidencia: abra uno y elija Grafo.
as-picture = Imagen
as-list = Lista
as-timeline = Cronología
graph-keys = Haga clic en un elemento para abrirlo, y en uno abierto para ir a él. Más, menos y 0 cambian el tamaño; arrastre para mover.
graph-unseen = { $count ->
    [one] Uno más está plegado o no se muestra.
   *[other] { $shown } más están plegados o no se muestran.
}
tie-from = De
tie-to = A
strength = Fuerza
crosses-owners = entre titulares
since-when = Desde
from-to = Desde – hasta
world-map = Mapa del mundo
peers = Organizaciones
organisation = Organización
gave-us = Nos dio
holds-ours = Tiene de nosotros
recalls-open = Retiradas abiertas
state = Estado
tool-only = solo herramientas, sin retirada
overdue = { $count ->
    [one] una vencida
   *[other] { $shown } vencidas
}
active = activa
suspended = suspendida
agreements = Acuerdos
agreement = Acuerdo
parties = Partes
version = Versión
no-agreements = No hay acuerdos.
newer-waits = una versión más nueva espera firma
propose-agreement = Proponer un acuerdo
agreement-text = Texto del acuerdo
agreement-how = Como en examples/agreement.toml: nombre, versión, fechas, qué circula en cada sentido. Las partes y las claves se completan.
propose = Proponer y firmar
sources = Fuentes
source = Fuente
last-read = Última lectura
paused = en pausa
peer-member = Miembro
peer-partner = Socio
peer-hub = Hub
given-to-them = Lo que se le dio
nothing-given = Todavía no se ha dado nada.
began = Inicio
ended = Fin
delivery-held = recibido allí
delivery-sent = enviado
delivery-gone = enviado; allí no puede retirarse
recalls = Retiradas
no-recalls = No se ha retirado nada.
receipt-of = borrado allí, acuse del { $moment }
receipt-overdue = vencido desde el { $moment }
receipt-due = acuse a más tardar el { $moment }
withheld = Por qué no se le dan objetos propios
keys = Claves
sign = Firmar
sign-how = Desde entonces, todo lo que contiene lo decide la máquina, exactamente como está escrito.
suspend = Suspender
lift = Levantar la suspensión
now = ahora
with-what-it-holds = Con todo lo nuestro que contiene
look-who = Ver a quién se daría
share-now = Hacerlo
share-how = A quienes pueden verlo ahora y después no, se les ordena borrarlo.
recall-how = A todos los que lo recibieron se les ordena borrarlo, y responden con un acuse firmado. Aquí tampoco vale ya.
recall-withdrawn = ya no respondemos de ello
recall-incorrect = era erróneo
recall-legal = lo exige un tribunal, una autoridad de control o la ley
recall-now = Retirarlo
hits-between = Coincidencias entre países
best-hits = Coincidencias abiertas más fuertes
recalls-overdue = Retiradas vencidas
came-today = Añadidos hoy
answer-now = Responder
clocks = Plazos que vencen
no-clocks = Ningún plazo vence pronto.
receipt = Acuse de una retirada
agreement-ends = Fin de un acuerdo
woes = Lo que no funciona
came-in-days = Añadidos, por día
ledger-entries = Entradas
ledger-witnesses = Testigos
ledger-accounts = Cuentas
ledger-keeping = Conservación y claves
who-saw = Quién vio este objeto
look-up = Buscar
only-own = Usted ve lo que hizo usted mismo; lo que hicieron otros lo ven quienes tienen esa función.
entry = Entrada
who = Quién
what = Qué
about-whom = Sobre
why = Por qué
erased = borrado
not-readable = { $text } no puede leerse como se esperaba.
entry-query = Consulta
entry-intake = Importación
entry-release = Difusión
entry-decision = Decisión
entry-log-in = Inicio de sesión
entry-role-change = Cambio de función
entry-notice = Aviso
entry-taken = Tomado de otro nodo
entry-refusal = Negativa
entry-rule-change = Cambio de regla
entry-erasure = Borrado
entry-recall = Retirada
entry-receipt = Acuse
ledger-holds = Cada diario es lo que se firmó.
verify-now = Verificar
logs = Diarios
entries = Entradas
checkpoint = Punto de control
witnesses = Testigos
countersigned-ours = Refrendó el nuestro, hasta
we-countersigned = Refrendamos el suyo, hasta
invitation-for = Código para que { $name } prepare su acceso
invitation-once = Solo se muestra ahora y vale una vez. Entréguelo en persona o por teléfono.
full-name = Nombre de la persona
add-account = Añadir una cuenta
add-account-how = No puede hacer nada hasta que otra persona le dé una función.
invite-again = Nuevo código de acceso
role-officer = Agente
role-analyst = Analista
role-supervisor = Supervisor
role-legal-reviewer = Asesor jurídico
role-data-protection-officer = Delegado de protección de datos
role-rights-desk = Oficina de derechos
role-auditor = Auditor
role-operator = Operador
role-service = Programa
ends-soon = Vence dentro de un mes
nothing-ends = Nada vence dentro de un mes.
versions = Versiones
held-back = Retenidas por orden
to-review = Datos personales por revisar
holds = Retenido para un tribunal
own-keys = Claves con las que firma este nodo
settings = Ajustes
settings-how = Están en comity.toml; comity doctor los comprueba. Aquí no se cambia ninguno.
not-allowed-part = Su función no muestra esta parte.
set-up-first = Prepara el primer acceso de este nodo. Tiene todas las funciones hasta que usted añada otros; después, nadie las tiene todas.
value-ipv4 = dirección IPv4
value-ipv6 = dirección IPv6
value-cidr = red IP
value-domain = nombre de dominio
value-url = URL
value-email = correo electrónico
value-md5 = hash MD5
value-sha1 = hash SHA-1
value-sha256 = hash SHA-256
value-sha512 = hash SHA-512
value-ssdeep = hash SSDEEP
value-tlsh = hash TLSH
value-file-name = nombre de archivo
value-registry-key = clave de registro
value-mutex = mutex
value-asn = sistema autónomo
value-certificate = huella de certificado
value-ja3 = huella JA3
value-ja4 = huella JA4
value-mac = dirección MAC
value-phone = número de teléfono
value-iban = cuenta bancaria (IBAN)
value-bic = banco (BIC)
value-card = tarjeta de pago
value-bitcoin-address = dirección Bitcoin
value-ethereum-address = dirección Ethereum
value-monero-address = dirección Monero
value-tron-address = dirección Tron
value-handle = alias de usuario
value-onion = dirección onion
value-travel-document = documento de viaje
value-plate = matrícula de vehículo
policy-tlp-clear = TLP:CLEAR puede mostrarse a cualquiera.
policy-tlp-green = TLP:GREEN puede mostrarse a la comunidad.
policy-tlp-amber = TLP:AMBER: solo pueden verlo aquellos que nombró el titular, y ella no está entre ellos.
policy-tlp-amber-strict = TLP:AMBER+STRICT: solo pueden verlo las organizaciones que el titular nombró individualmente.
policy-tlp-red = TLP:RED: solo pueden verlo las organizaciones que el titular nombró individualmente.
policy-no-tlp = No se dio TLP: solo pueden verlo aquellos que nombró el titular, y ella no está entre ellos.
policy-owner = El objeto es suyo.
policy-listed = La lista de difusión la nombra.
policy-not-listed = La lista de difusión no la nombra.
policy-denied = La lista de exclusión la nombra.
policy-no-agreement = No hay acuerdo con ella.
policy-recipient-suspended = Está suspendida aquí.
policy-retention-passed = El objeto debía conservarse hasta un día que ya pasó.
policy-unknown-marking = El objeto lleva un marcado cuyo sentido no se conoce aquí.
policy-handling = Su código de tratamiento exige el consentimiento del titular.
policy-kept-close = Dentro de la organización del titular es solo para algunos.
policy-several-owners = Se hizo con datos de varios titulares, y ninguno lo ha asumido.
entry-node = El nodo mismo
entry-sent = Enviado a otro nodo
way-node = nodo
way-taxii = TAXII
way-misp = MISP
way-list = lista
way-stream = flujo
way-push = envío
way-export = archivo
close = Cerrar
open-whole = Abrir completo
open-beside = Abrir junto a la lista
