language = العربية
skip = الانتقال إلى المحتوى
log-in = تسجيل الدخول
log-in-passkey = الدخول بمفتاح مرور
log-in-passkey-how = يطلب جهازكم رقمًا سريًا أو بصمة أو صورة الوجه.
no-script = تحتاج مفاتيح المرور إلى البرامج النصية، وهي معطّلة هنا. تعمل كلمة السر من دونها.
or-password = أو بكلمة سر
account = الحساب
password = كلمة السر
code = رمز لمرة واحدة
code-how = ستة أرقام من تطبيق المصادقة، أو رمز استرداد.
have-invitation = لديّ دعوة
log-in-provider = تسجيل الدخول عبر { $provider }
set-up-provider = تسجيل الدخول عبر { $provider } من الآن فصاعدًا
going-on = لحظة من فضلك
to-provider = أنت في طريقك إلى { $provider }.
provider-said = أكّد { $provider } هويتك.
go-on = متابعة
provider-away = مزوّد الهوية لا يستجيب. حاول مرة أخرى بعد لحظة، أو ادخل بطريقة أخرى.
provider-refused = لم يؤكّد مزوّد الهوية من أنت.
provider-weak = لم يطلب مزوّد الهوية ما يكفي: هذه العقدة تشترط عاملين. أبلغ من يدير المزوّد.
provider-not = هذا ليس جوابًا عمّا طلبه هذا المتصفح، أو وصل متأخرًا. ابدأ من جديد هنا.
set-up = إعداد الدخول
set-up-why = استخدموا الرمز الذي أعطاكم إياه المشغّل. ما أعددتموه من قبل يبطل، ومعه مفاتيح واجهة البرمجة.
invitation = رمز الدعوة
key-name = اسم هذا الجهاز
key-name-example = حاسوب العمل
set-up-passkey = إعداد مفتاح مرور
set-up-password = استخدام كلمة سر ورموز لمرة واحدة بدلاً من ذلك
password-how = { $least } حرفًا على الأقل. الجملة يسهل تذكّرها.
set-up-password-do = إعداد كلمة السر
set-up-done = اكتمل إعداد الدخول
scan = امسحوا هذا بتطبيق المصادقة، أو اكتبوا السر فيه.
secret = السر
recovery = رموز الاسترداد
recovery-how = كل رمز يصلح مرة واحدة بدلاً من رمز المرة الواحدة. اطبعوها واحفظوها بعيدًا عن جهازكم. لا تُعرض إلا الآن.
go-log-in = إلى تسجيل الدخول
you-are = أنتم { $name }
account-name = الحساب
roles = الأدوار
clearance = درجة الاطلاع
units = الوحدات
cases = القضايا
nothing-there = لا شيء
came-in-by = وسيلة الدخول
by-passkey = مفتاح مرور
by-password = كلمة سر ورمز لمرة واحدة
by-provider = مزوّد الهوية
passkeys = مفاتيح المرور
added-on = أُضيف في { $day }
used-on = آخر استخدام في { $day }
never-used = لم يُستخدم قط
may-be-copied = قد توجد نسخ منه في خدمة سحابية
remove = إزالة
add-passkey = إضافة مفتاح مرور
no-passkeys = ليس لديكم مفتاح مرور بعد.
sessions = أين دخلتم
this-session = هنا، الآن
since = منذ { $moment }
end-others = إنهاء كل الجلسات
log-out = تسجيل الخروج
wrong = هذا غير صحيح، أو لا يُسمح لهذا الحساب بالدخول. ولا يُقال أكثر من ذلك.
wait = فشلت محاولات كثيرة. حاولوا مجددًا بعد { $seconds ->
    [zero] لحظات
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $seconds } ثوانٍ
    [many] { $seconds } ثانية
   *[other] { $seconds } ثانية
}.
short = تحتاج كلمة السر إلى { $least } حرفًا على الأقل.
guessable = كلمة السر هذه من أول ما يُجرَّب: كلمة معروفة، أو اسم من هذا المكان، أو صف من المفاتيح. عدة كلمات لا صلة بينها أفضل.
log-in-again = مضى على دخولك أكثر من ربع ساعة. اخرج وادخل من جديد، ثم غيّر هذا.
show-again = أثبت هويتك من جديد لتغيير طريقة دخولك
change-password = تغيير كلمة السر
old-password = كلمة السر الحالية
new-password = كلمة السر الجديدة
change-password-how = بعدها تدخل من جديد في كل مكان.
device-refused = جواب الجهاز غير صالح. حاولوا مجددًا؛ يجب أن تُفتح هذه الصفحة على عنوان العقدة نفسه.
device-copied = عدّاد مفتاح المرور هذا يتراجع، فقد تكون له نسخة. أزيلوه وأعدّوا غيره.
device-none = لم يجب الجهاز، أو طُلب منه ألا يجيب.
no-passkeys-here = لا تقبل هذه العقدة مفاتيح المرور، لأن عنوانها ليس اسم نطاق.
not-allowed = لا يُسمح لكم بذلك. وقد سُجّل الرفض.
busy = العقدة مشغولة الآن. حاولوا بعد قليل.
failed = فشل شيء داخل العقدة. ما أُقرّ به محفوظ.
elsewhere = جاء هذا من صفحة أخرى ولم يُنفَّذ.
not-found = لا شيء هنا، أو لا شيء يجوز لكم الاطلاع عليه.
over-budget = طلبتم كل ما يُسمح به لحساب واحد في الساعة. لم يُجَب عن شيء؛ يُستأنف ذلك بعد { $minutes ->
    [zero] لحظات
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}، أو حين يسمح من يدير العقدة بالمزيد.
refused = لم يُنفَّذ هذا: { $why }
trouble-title = لم ينجح هذا
trouble-number = يجد من يدير العقدة المزيد تحت الرقم { $number }.
search = بحث
search-label = البحث عن أي شيء
search-hint = قيمة أو قائمة أو اسم أو رقم قضية أو معرّف
rail = الصفحات
page-situation = الموقف
page-object = الكائنات
page-screening = الفحص
page-hits = التطابقات
page-graph = المخطط
page-intake = الوارد
page-network = الشبكة
page-ledger = السجل والصلاحيات
page-about = حول Comity
purpose = الغرض
purpose-prevention = الوقاية
purpose-investigation = التحقيق
purpose-prosecution = الملاحقة القضائية
purpose-protection = الحماية
purpose-data-protection = حماية البيانات
case-number = رقم القضية
reason-in-words = السبب بالكلمات
why-how = يُسجَّل هذا مع كل استعلام.
save = حفظ
something-new = هناك جديد. عرض
dense = أسطر متقاربة
loose = أسطر متباعدة
palette = الانتقال إلى
palette-hint = صفحة، أو ما تبحثون عنه
palette-keys = الأسهم للاختيار، وEnter للانتقال، وEscape للإغلاق. في القوائم ينقلكم j وk من سطر إلى سطر، والشرطة المائلة إلى مربع البحث.
pages = صفحات هذه القائمة
shown-of = { $here } من { $total }
first-page = إلى الأولى
next-page = التالي
just-now = الآن
in-future = لاحقًا
minutes-ago = { $count ->
    [zero] قبل لحظات
    [one] قبل دقيقة واحدة
    [two] قبل دقيقتين
    [few] قبل { $count } دقائق
    [many] قبل { $count } دقيقة
   *[other] قبل { $count } دقيقة
}
hours-ago = { $count ->
    [zero] قبل أقل من ساعة
    [one] قبل ساعة واحدة
    [two] قبل ساعتين
    [few] قبل { $count } ساعات
    [many] قبل { $count } ساعة
   *[other] قبل { $count } ساعة
}
days-ago = { $count ->
    [zero] اليوم
    [one] قبل يوم واحد
    [two] قبل يومين
    [few] قبل { $count } أيام
    [many] قبل { $count } يومًا
   *[other] قبل { $count } يوم
}
years-ago = { $count ->
    [zero] قبل أقل من سنة
    [one] قبل سنة واحدة
    [two] قبل سنتين
    [few] قبل { $count } سنوات
    [many] قبل { $count } سنة
   *[other] قبل { $count } سنة
}
and-more = { $count ->
    [zero] ولا شيء آخر
    [one] وواحد آخر
    [two] واثنان آخران
    [few] و{ $shown } أخرى
    [many] و{ $shown } أخرى
   *[other] و{ $shown } أخرى
}
no-tlp = بلا TLP
mark-tlp = بروتوكول إشارات المرور (TLP): إلى أي مدى يجوز تناقله
mark-no-tlp = لم يحدّد أحد إلى أي مدى يجوز تناقله
marking-unknown = وسم مجهول
mark-unresolved = يحمل وسمًا لا تعرف هذه العقدة معناه، ولذلك فهو مغلق
mark-need = لا يراه هنا إلا من لديه هذا
mark-pap = بروتوكول الإجراءات المسموح بها (PAP): ما يجوز فعله به
mark-handling = رمز التداول
mark-release = يجوز إعطاؤه لهؤلاء وحدهم
mark-deny = لا يجوز إعطاؤه لهذه الجهة
mark-grading = مدى موثوقية المصدر ومدى مصداقية المعلومات
personal-data = بيانات شخصية
mark-personal = يتعلق بأشخاص
parts-of-page = أقسام هذه الصفحة
view-read = المحتوى
view-ties = الصلات
view-timeline = الخط الزمني
view-versions = الإصدارات
view-audience = من يطّلع عليه
view-raw = الأصل
who-may-see = من يجوز له الاطلاع عليه، ولماذا
seen-by-nobody = لا يجوز لأحد من الخارج الاطلاع عليه.
may-see = { $count ->
    [zero] لا يجوز لأي جهة الاطلاع عليه
    [one] يجوز لجهة واحدة الاطلاع عليه
    [two] يجوز لجهتين الاطلاع عليه
    [few] يجوز الاطلاع عليه لعدد { $shown } جهات
    [many] يجوز الاطلاع عليه لعدد { $shown } جهة
   *[other] يجوز الاطلاع عليه لعدد { $shown } جهة
}
may-not-see = { $count ->
    [zero] لا جهة ممنوعة
    [one] لا يجوز ذلك لجهة واحدة
    [two] لا يجوز ذلك لجهتين
    [few] لا يجوز ذلك لعدد { $shown } جهات
    [many] لا يجوز ذلك لعدد { $shown } جهة
   *[other] لا يجوز ذلك لعدد { $shown } جهة
}
cannot-recall = لا يمكن استرجاعه من هناك: لا عقدة تنفّذ الاسترجاع.
given-by = أُعطي عبر { $way }
given-before = أُعطي من قبل، عبر { $way }
audience-not-yours = دوركم لا يعرض من يجوز له الاطلاع عليه.
share = مشاركة
recall = استرجاع
past-version = لم يعد ساريًا
held-by-too = موجود أيضًا لدى
no-ties = لا شيء هنا مرتبط به.
how-tied = كيف
other-object = الآخر
points-out = من هنا
points-in = إلى هنا
owner = المالك
not-here = ليس هنا
counts-now = سارٍ الآن
version-made = إصدار
of-batch = الدفعة { $shown }
at-byte = عند البايت { $shown }
bytes-long = { $count ->
    [zero] لا بايتات
    [one] بايت واحد
    [two] بايتان
    [few] { $shown } بايتات
    [many] { $shown } بايتًا
   *[other] { $shown } بايت
}
download-raw = تنزيل هذه البايتات بعينها
property = الخاصية
before = قبل
after = بعد
narrow = تضييق القائمة
type = النوع
nothing-here = لا شيء هنا.
object-name = الكائن
marks = الوسوم
changed = التعديل
objects-of-case = { $count ->
    [zero] لا كائنات في هذه القضية
    [one] كائن واحد في هذه القضية
    [two] كائنان في هذه القضية
    [few] { $shown } كائنات في هذه القضية
    [many] { $shown } كائنًا في هذه القضية
   *[other] { $shown } كائن في هذه القضية
}
on-warning-list = شائع وغير ضار بحسب القائمة
nobody-knows = لا أحد هنا يعرف ذلك.
mentions = { $count ->
    [zero] لا ذكر
    [one] ذكر واحد
    [two] ذكران
    [few] ذُكر { $shown } مرات
    [many] ذُكر { $shown } مرة
   *[other] ذُكر { $shown } مرة
}
how-held = كيف
holds-is = هو نفسه
holds-mentions = يذكره
holds-looks-for = يبحث عنه
in-what = ضمن
more-than-shown = هناك أكثر مما هو معروض.
things-named = كائنات بهذا الاسم
no-value-no-name = هذه ليست قيمة من نوع معروف هنا، ولا شيء هنا يحملها في اسمه.
kind-in-front = للتأكد ضعوا نوع القيمة قبلها، مثل phone:+372 5551234.
values-to-screen = القيم المراد فحصها، واحدة في كل سطر
screening-how = حتى مليون قيمة. يُتعرّف على العناوين والبصمات الرقمية والحسابات وأرقام الهواتف وغيرها، حتى كما تكتبها التقارير (hxxp, [.]).
or-file = أو ملف منها
screen = فحص
earlier-screenings = فحوصكم في الساعة الأخيرة
screened-values = { $count ->
    [zero] لم تُفحص أي قيمة
    [one] فُحصت قيمة واحدة
    [two] فُحصت قيمتان
    [few] فُحصت { $shown } قيم
    [many] فُحصت { $shown } قيمة
   *[other] فُحصت { $shown } قيمة
}
of-them-known = المعروف: { $shown }
no-values = ليست قيمًا: { $shown }
all = الكل
download-table = تنزيل كجدول
asked-for = المطلوب
known-to = معروف لدى
mentions-short = مرات الذكر
nobody = لا أحد
nothing-to-screen = لم يكن هناك ما يُفحص.
screening-kept = محفوظ لكم ساعة واحدة، ولا يُحفظ في مكان آخر.
paste-report = لصق تقرير
paste-how = يُعثر على القيم فيه، حتى كما تكتبها التقارير (hxxp, [.]). ترون كل شيء قبل حفظ أي شيء.
report-title = عنوانه
or-files = أو ملفات
files-how = STIX وMISP وجداول وقوائم وPDF وHTML ونصوص، مضغوطة أو غير مضغوطة. تُدخَل الملفات الكبيرة جدًا بواسطة comity ingest.
pasted-text = نص ملصق
nothing-put-in = الصقوا نصًا أو اختاروا ملفًا.
what-may-be-done = ما يجوز فعله به
as-source-says = كما ورد فيه
grading = التقييم
keep-until = يُحفظ حتى
only-people = فقط لمن لديه
give-only-to = إعطاؤه لهؤلاء وحدهم
give-only-how = إن لم تُختر أي جهة، فالوسوم واتفاقاتكم هي التي تقرّر.
handling = رموز التداول
handling-h0 = للاستعمال في مكافحة الجريمة
handling-h1 = لا يُستعمل أمام القضاء دون موافقة
handling-h2 = لا يُنقل إلى الغير
handling-h3 = يُسأل المالك أولاً
look-first = معاينة أولاً
came-in = ما ورد
batch = الدفعة
note = ملاحظة
stored = المحفوظ
already-there = موجود سابقًا
set-aside = المستبعد
when = متى
undone = مسحوبة
draft = قبل الحفظ
draft-how = لم يُحفظ شيء من هذا بعد. انظروا ما هو وما يتضمنه ومن سيُعطى له، ثم أدخلوه.
would-bring = { $count ->
    [zero] لا كائنات
    [one] كائن واحد
    [two] كائنان
    [few] { $shown } كائنات
    [many] { $shown } كائنًا
   *[other] { $shown } كائن
}
would-set-aside = { $count ->
    [zero] لن يُستبعد أي عنصر
    [one] سيُستبعد عنصر واحد
    [two] سيُستبعد عنصران
    [few] ستُستبعد { $shown } عناصر
    [many] سيُستبعد { $shown } عنصرًا
   *[other] سيُستبعد { $shown } عنصر
}
values-in-it = { $count ->
    [zero] لا قيم فيه
    [one] قيمة واحدة فيه
    [two] قيمتان فيه
    [few] { $shown } قيم فيه
    [many] { $shown } قيمة فيه
   *[other] { $shown } قيمة فيه
}
unmark-how = أزيلوا العلامة عمّا لا أهمية له: مثال، أو عنوان كاتب التقرير نفسه.
all-or-none = الكل أو لا شيء
keep = إبقاء
value = القيمة
times = المرات
also-values = قيم أخرى ترد فيه، واحدة في كل سطر
text-marked = النص، مع ما عُثر عليه فيه
who-would-see = من سيُعطى له، ولماذا
no-peers = لا توجد جهة أخرى متصلة.
sees-all = كله
sees-none = لا شيء منه
sees-some = من كائناته: { $shown }
look-again = معاينة مجددًا
bring-in = إدخال
not-now = ليس الآن
no-value = { $text } ليست قيمة من نوع معروف هنا.
bringing-in = جارٍ الإدخال
objects-so-far = { $count ->
    [zero] لا كائنات حتى الآن
    [one] كائن واحد حتى الآن
    [two] كائنان حتى الآن
    [few] { $shown } كائنات حتى الآن
    [many] { $shown } كائنًا حتى الآن
   *[other] { $shown } كائن حتى الآن
}
stop = إيقاف
goes-on = يستمر ذلك إذا غادرتم هذه الصفحة. ما قُرئ قبل الإيقاف يبقى محفوظًا، ويمكن سحبه.
takes-back = تسحب
objects-read = الكائنات المقروءة
values-found = القيم المكتشفة
warnings = التحذيرات
see-objects = عرض الكائنات
undo-batch = سحب هذه الدفعة
undo-how = كل ما أدخلته يبطل، هنا وكذلك، عن طريق الاسترجاع، حيث أُعطي. وسحب السحب يعيده.
were-set-aside = { $count ->
    [zero] لم يُستبعد أي عنصر
    [one] استُبعد عنصر واحد
    [two] استُبعد عنصران
    [few] استُبعدت { $shown } عناصر
    [many] استُبعد { $shown } عنصرًا
   *[other] استُبعد { $shown } عنصر
}
file = الملف
byte = البايت
reason = السبب
item = العنصر
repaired = أُصلح
files = الملفات
format = الصيغة
remarks = ملاحظات
in-already = موجود سابقًا، في الدفعة { $shown }
findings = ما لوحظ
finding = الملاحظة
first-one = الأولى
about-what = Comity { $version }: الجهات التي تكافح الجريمة نفسها تكتشف أن لديها القضية نفسها، وتثبت بعد ذلك من اطّلع على ماذا ولماذا.
about-licence = برنامج حر بموجب Apache 2.0 أو MIT، كما تشاؤون.
about-parts = ما صنعه آخرون
about-icons = رموز
about-map = خريطة العالم
about-names = أسماء البلدان والتواريخ والأرقام
about-readings = قراءة الأسماء باليابانية
kind-report = تقرير
kind-grouping = تجميع
kind-incident = حادث
kind-indicator = مؤشر
kind-malware = برمجية خبيثة
kind-malware-analysis = تحليل برمجية خبيثة
kind-threat-actor = مصدر تهديد
kind-intrusion-set = مجموعة اختراق
kind-campaign = حملة
kind-tool = أداة
kind-attack-pattern = نمط هجوم
kind-course-of-action = إجراء مضاد
kind-vulnerability = ثغرة
kind-relationship = علاقة
kind-sighting = رصد
kind-observed-data = بيانات مرصودة
kind-note = ملاحظة
kind-opinion = رأي
kind-identity = هوية
kind-location = موقع
kind-infrastructure = بنية تحتية
kind-marking-definition = وسم
kind-file = ملف
kind-artifact = أثر رقمي
kind-email-addr = عنوان بريد إلكتروني
kind-email-message = رسالة بريد إلكتروني
kind-user-account = حساب مستخدم
kind-ipv4-addr = عنوان IPv4
kind-ipv6-addr = عنوان IPv6
kind-domain-name = اسم نطاق
kind-url = عنوان URL
kind-autonomous-system = نظام مستقل
kind-network-traffic = حركة الشبكة
kind-mac-addr = عنوان MAC
kind-mutex = قفل mutex
kind-process = عملية
kind-software = برنامج
kind-directory = مجلد
kind-windows-registry-key = مفتاح Registry
kind-x509-certificate = شهادة رقمية
kind-comity-value = قيمة
kind-comity-document = وثيقة في السجل
kind-language-content = ترجمة
kind-extension-definition = امتداد
property-name = الاسم
property-value = القيمة
property-description = الوصف
property-created = الإنشاء
property-modified = التعديل
property-created_by_ref = أنشأه
property-pattern = النمط
property-pattern_type = لغة النمط
property-indicator_types = يدل على
property-valid_from = صالح من
property-valid_until = صالح حتى
property-first_seen = أول رصد
property-last_seen = آخر رصد
property-published = النشر
property-confidence = درجة الثقة
property-labels = تسميات
property-aliases = أسماء أخرى
property-object_refs = يتضمن
property-source_ref = من
property-target_ref = إلى
property-relationship_type = العلاقة
property-sighting_of_ref = رصد لـ
property-where_sighted_refs = رصده
property-count = العدد
property-hashes = البصمة الرقمية
property-size = الحجم
property-external_references = المراجع
property-kill_chain_phases = مرحلة الهجوم
property-malware_types = نوع البرمجية الخبيثة
property-threat_actor_types = نوع مصدر التهديد
property-is_family = عائلة
property-goals = الأهداف
property-sophistication = مستوى الخبرة
property-resource_level = الموارد
property-primary_motivation = الدافع
property-identity_class = الصنف
property-sectors = القطاعات
property-contact_information = الاتصال
property-country = البلد
property-report_types = نوع التقرير
property-content = المحتوى
property-abstract = باختصار
property-opinion = الرأي
property-lang = اللغة
property-revoked = مُلغى
property-extensions = امتداد
hits-open = تطابقات مفتوحة
hits-asked = قيد السؤال
hits-confirmed = مؤكّدة
hits-dismissed = مستبعدة
hit-open = مفتوح
hit-asked = سُئل المالك
hit-confirmed = مؤكّد
hit-dismissed = مستبعد
country = البلد
looked = آخر تفحّص
not-weighed = { $count ->
    [zero] وُزنت كل القيم المشتركة
    [one] قيمة مشتركة واحدة لم تُوزن
    [two] قيمتان مشتركتان لم تُوزنا
    [few] { $shown } قيم مشتركة لم تُوزن
    [many] { $shown } قيمة مشتركة لم تُوزن
   *[other] { $shown } قيمة مشتركة لم تُوزن
}
hits-beyond = { $count ->
    [zero] كل التطابقات محفوظة
    [one] تطابق واحد أضعف غير محفوظ
    [two] تطابقان أضعف غير محفوظين
    [few] { $shown } تطابقات أضعف غير محفوظة
    [many] { $shown } تطابقًا أضعف غير محفوظ
   *[other] { $shown } تطابق أضعف غير محفوظ
}
no-hits = لا تلتقي هنا قضايا لمالكين مختلفين.
look-at-hit = عرض التطابق
grown = أدلة إضافية منذ ذلك
hit = تطابق
why-linked = لماذا هما مرتبطتان
shared-values = { $count ->
    [zero] لا قيم مشتركة
    [one] قيمة واحدة مشتركة
    [two] قيمتان مشتركتان
    [few] { $shown } قيم مشتركة
    [many] { $shown } قيمة مشتركة
   *[other] { $shown } قيمة مشتركة
}
what-is-it = ما هو؟
note-or-question = ملاحظة، أو سؤال إلى المالك
ask-how = يُرسَل السؤال إلى المالك باسم جهتكم ومعرّف كائنه هو. أما قضيتكم وقيمكم وقوة التطابق فتبقى هنا.
confirm = القضية نفسها
dismiss = ليست نفسها
ask-owner = سؤال المالك
reopen = إعادة الفتح
said-before = ما قيل سابقًا
questions = الأسئلة
answer = الجواب
no-answer-yet = لا جواب بعد.
strength-weak = ضعيف
strength-fair = متوسط
strength-strong = قوي
strength-very-strong = قوي جدًا
reason-both = كلتاهما تتضمن: { $kind } { $value }؛
reason-through = كلتاهما تؤدي، عبر { $via }، إلى: { $kind } { $value }؛
reason-rarest = ولا تُعرف قضية ثالثة تتضمن ذلك.
reason-rare = { $count ->
    [zero] ولا تتضمن ذلك أي قضية أخرى.
    [one] ولا تتضمن ذلك إلا قضية واحدة.
    [two] ولا تتضمن ذلك إلا قضيتان.
    [few] ولا تتضمن ذلك إلا { $shown } قضايا.
    [many] ولا تتضمن ذلك إلا { $shown } قضية.
   *[other] ولا تتضمن ذلك إلا { $shown } قضية.
}
reason-many = وعدد القضايا التي تتضمن ذلك { $cases }، وعدد الجهات المالكة لها { $owners }.
reason-listed = وذلك مدرج في القائمة «{ $list }»، فوزنه قليل.
reason-host-listed = والمضيف مدرج في القائمة «{ $list }»، فالوزن أقل.
graph-how = يبدأ المخطط من كائن أو تطابق: افتحوا أحدهما واختاروا «المخطط».
as-picture = صورة
as-list = قائمة
as-timeline = خط زمني
graph-keys = انقروا على كائن لفتحه، وعلى المفتوح للانتقال إليه. تغيّر علامتا الزائد والناقص والرقم 0 الحجم؛ وللتحريك اسحبوا.
graph-unseen = { $count ->
    [zero] لا شيء مطوي أو غير معروض.
    [one] واحد آخر مطوي أو غير معروض.
    [two] اثنان آخران مطويان أو غير معروضين.
    [few] { $shown } أخرى مطوية أو غير معروضة.
    [many] { $shown } أخرى مطوية أو غير معروضة.
   *[other] { $shown } أخرى مطوية أو غير معروضة.
}
tie-from = من
tie-to = إلى
strength = القوة
crosses-owners = بين مالكين
since-when = منذ
from-to = من – إلى
world-map = خريطة العالم
peers = الجهات
organisation = الجهة
gave-us = أعطتنا
holds-ours = لديها ما أعطيناه حتى
recalls-open = استرجاعات مفتوحة
state = الحالة
tool-only = أدوات فقط، بلا استرجاع
overdue = { $count ->
    [zero] لا متأخر
    [one] واحد متأخر
    [two] اثنان متأخران
    [few] { $shown } متأخرة
    [many] { $shown } متأخرًا
   *[other] { $shown } متأخر
}
active = نشط
suspended = معلّق
agreements = الاتفاقات
agreement = الاتفاق
parties = الأطراف
version = الإصدار
no-agreements = لا توجد اتفاقات.
newer-waits = إصدار أحدث ينتظر التوقيع
propose-agreement = اقتراح اتفاق
agreement-text = نص الاتفاق
agreement-how = كما في examples/agreement.toml: الاسم والإصدار والتواريخ وما يتدفق في كل اتجاه. تُملأ الأطراف والمفاتيح تلقائيًا.
propose = اقتراح وتوقيع
sources = المصادر
source = المصدر
last-read = آخر قراءة
paused = متوقف مؤقتًا
peer-member = عضو
peer-partner = شريك
peer-hub = مركز
given-to-them = ما أُعطي لها
nothing-given = لم يُعطَ شيء بعد.
began = من
ended = إلى
delivery-held = محفوظ هناك
delivery-sent = أُرسل
delivery-gone = أُرسل؛ ولا يمكن استرجاعه من هناك
recalls = الاسترجاعات
no-recalls = لم يُسترجع شيء.
receipt-of = حُذف هناك، إيصال بتاريخ { $moment }
receipt-overdue = متأخر منذ { $moment }
receipt-due = الإيصال مستحق حتى { $moment }
withheld = لماذا لا تُعطى لها كائنات لنا
keys = المفاتيح
sign = توقيع
sign-how = من حينها يُقرَّر كل ما فيه آليًا كما هو مكتوب تمامًا.
suspend = تعليق
lift = رفع التعليق
now = الآن
with-what-it-holds = مع كل ما يتضمنه مما هو لنا
look-who = عرض من سيُعطى له
share-now = تنفيذ
share-how = من يجوز له الاطلاع عليه الآن ولا يجوز له بعد ذلك يُطلب منه حذفه.
recall-how = يُطلب من كل من أُعطي له أن يحذفه، ويجيب بإيصال موقّع. ويبطل هنا أيضًا.
recall-withdrawn = لم نعد نتمسك به
recall-incorrect = كان خطأ
recall-legal = تطلبه محكمة أو جهة رقابية أو القانون
recall-now = استرجاعه
hits-between = التطابقات بين البلدان
best-hits = أقوى التطابقات المفتوحة
recalls-overdue = استرجاعات متأخرة
came-today = المحفوظ اليوم
answer-now = إجابة
clocks = مُهَل توشك أن تنتهي
no-clocks = لا مهلة تنتهي قريبًا.
receipt = إيصال استرجاع
agreement-ends = انتهاء الاتفاق
woes = ما لا يعمل
came-in-days = المحفوظ حسب اليوم
ledger-entries = القيود
ledger-witnesses = الشهود
ledger-accounts = الحسابات
ledger-keeping = الحفظ والمفاتيح
who-saw = من اطّلع على هذا الكائن
look-up = عرض
only-own = ترون ما فعلتموه بأنفسكم؛ أما ما فعله غيركم فيراه من يخوّله دوره ذلك.
entry = القيد
who = من
what = ماذا
about-whom = عمّن
why = لماذا
erased = ممحو
not-readable = تتعذّر قراءة { $text } على النحو المطلوب.
entry-query = استعلام
entry-intake = إدخال
entry-release = تسليم
entry-decision = قرار
entry-log-in = دخول
entry-role-change = تغيير دور
entry-notice = إشعار
entry-taken = أُخذ من عقدة أخرى
entry-refusal = رفض
entry-rule-change = تغيير قاعدة
entry-erasure = محو
entry-recall = استرجاع
entry-receipt = إيصال
ledger-holds = كل سجل مطابق لما جرى التوقيع عليه.
verify-now = تحقّق الآن
logs = السجلات
entries = القيود
checkpoint = نقطة تحقّق
witnesses = الشهود
countersigned-ours = صادقت على سجلنا حتى
we-countersigned = صادقنا على سجلها حتى
invitation-for = رمز لـ { $name } لإعداد الدخول
invitation-once = لا يُعرض إلا الآن ويصلح مرة واحدة. سلّموه شخصيًا أو بالهاتف.
full-name = اسم الشخص
add-account = إضافة حساب
add-account-how = لا يمكنه فعل شيء حتى يعطيه شخص آخر دورًا.
invite-again = رمز جديد لإعداد الدخول
role-officer = ضابط
role-analyst = محلّل
role-supervisor = مشرف
role-legal-reviewer = مراجع قانوني
role-data-protection-officer = مسؤول حماية البيانات
role-rights-desk = مكتب الحقوق
role-auditor = مدقّق
role-operator = مشغّل
role-service = برنامج
ends-soon = ينتهي خلال شهر
nothing-ends = لا شيء ينتهي خلال شهر.
versions = الإصدارات
held-back = محفوظ بأمر
to-review = بيانات شخصية للمراجعة
holds = محفوظ لمحكمة
own-keys = المفاتيح التي توقّع بها هذه العقدة
ledger-settings = الإعدادات
settings-how = هذا ما تعمل به العقدة: ملف comity.toml، وفيه شرح كل إعداد، ومتغيرات البيئة. تُغيَّر هناك وتسري من التشغيل التالي. ويفحصها comity doctor.
not-allowed-part = دوركم لا يعرض هذا القسم.
set-up-first = تُعدّون أول دخول إلى هذه العقدة. له كل الأدوار حتى تضيفوا غيره؛ وبعدها لا تجتمع كلها لشخص واحد.
value-ipv4 = عنوان IPv4
value-ipv6 = عنوان IPv6
value-cidr = شبكة IP
value-domain = اسم نطاق
value-url = عنوان URL
value-email = عنوان بريد إلكتروني
value-md5 = بصمة MD5
value-sha1 = بصمة SHA-1
value-sha256 = بصمة SHA-256
value-sha512 = بصمة SHA-512
value-ssdeep = بصمة SSDEEP
value-tlsh = بصمة TLSH
value-file-name = اسم ملف
value-registry-key = مفتاح Registry
value-mutex = قفل mutex
value-asn = نظام مستقل
value-certificate = بصمة شهادة رقمية
value-ja3 = بصمة JA3
value-ja4 = بصمة JA4
value-mac = عنوان MAC
value-phone = رقم هاتف
value-iban = حساب مصرفي (IBAN)
value-bic = مصرف (BIC)
value-card = بطاقة دفع
value-bitcoin-address = عنوان Bitcoin
value-ethereum-address = عنوان Ethereum
value-monero-address = عنوان Monero
value-tron-address = عنوان Tron
value-handle = اسم مستخدم
value-onion = عنوان onion
value-travel-document = وثيقة سفر
value-plate = لوحة مركبة
policy-tlp-clear = TLP:CLEAR: يجوز إطلاع أي شخص عليه.
policy-tlp-green = TLP:GREEN: يجوز إطلاع المجتمع المعني عليه.
policy-tlp-amber = TLP:AMBER: لا يطّلع عليه إلا من سمّاهم المالك، وهي ليست بينهم.
policy-tlp-amber-strict = TLP:AMBER+STRICT: لا تطّلع عليه إلا الجهات التي ذكرها المالك بالاسم.
policy-tlp-red = TLP:RED: لا تطّلع عليه إلا الجهات التي ذكرها المالك بالاسم.
policy-no-tlp = لم يُحدَّد TLP: لا يطّلع عليه إلا من سمّاهم المالك، وهي ليست بينهم.
policy-owner = هو ملكها.
policy-listed = تتضمن قائمة الإتاحة: { $listed }.
policy-not-listed = قائمة الإتاحة لا تذكرها.
policy-denied = تتضمن قائمة المنع: { $denied }.
policy-no-agreement = لا يوجد اتفاق سارٍ معها.
policy-recipient-suspended = هي معلّقة هنا.
policy-retention-passed = كان يُفترض حفظه حتى { $end }.
policy-unknown-marking = معنى { $markings } غير معروف هنا.
policy-handling = يشترط رمز التداول { $handling } موافقة المالك، وقائمة الإتاحة لا تذكر هذه الجهة.
policy-kept-close = داخل أي جهة هو فقط لمن لديه { $need }، وقائمة الإتاحة لا تذكر هذه الجهة.
policy-several-owners = نشأ من بيانات لعدة مالكين، ولم يتولّه أي منهم.
entry-node = العقدة نفسها
entry-sent = أُرسل إلى عقدة أخرى
way-node = عقدة
way-taxii = TAXII
way-misp = MISP
way-list = قائمة
way-stream = بث
way-push = إرسال
way-export = ملف
close = إغلاق
open-whole = فتح كامل
open-beside = فتح بجانب القائمة
policy-country-unknown = تذكر قائمة المنع بلدًا، ومقر هذه الجهة غير معروف.
policy-purpose = لا يجوز استعماله لغرض: { $purposes }.
policy-purpose-not-stated = لا يجوز استعماله إلا لأغراض معيّنة، ولم يُذكر أي غرض.
policy-agreement = يشمله الاتفاق { $agreement }.
policy-recipient-unknown = ليست معروفة هنا عضوًا أو شريكًا أو مركزًا مشاركًا.
policy-agreement-no-flow = لا يسمح الاتفاق { $agreement } بمرور شيء من { $holder } إلى { $recipient }.
policy-agreement-not-signed = لم يوقّع الطرفان كلاهما على الاتفاق.
policy-agreement-not-yet = الاتفاق موقَّع ولم يبدأ سريانه بعد.
policy-agreement-suspended = الاتفاق معلّق.
policy-agreement-ended = انتهى الاتفاق.
policy-agreement-kinds = لا يذكر الاتفاق { $agreement } ما يلي: { $uncovered }.
policy-agreement-purpose = لا يسمح الاتفاق { $agreement } بمرور البيانات إلا لغرض: { $agreed_purposes }. والغرض المطلوب: { $asked }.
policy-agreement-tlp = يسمح الاتفاق { $agreement } بحدّ أقصى: { $agreed_tlp }. وهذا يحمل: { $tlp }.
policy-agreement-pap = يسمح الاتفاق { $agreement } بحدّ أقصى: { $agreed_pap }. وهذا يحمل: { $pap }.
policy-agreement-handling = بموجب الاتفاق { $agreement } لا يُقبل رمز التداول هذا: { $unaccepted }.
policy-agreement-country = لا يسمح الاتفاق { $agreement } إلا ببيانات مالكين في: { $agreed_countries }. بلد { $owner }: { $owner_country }.
policy-partner-personal = هي جهة شريكة: لا تُعطى بيانات الشرطة الشخصية إلا إذا سمّى الاتفاق كل فئة. ولا اتفاق يسمّي: { $unnamed }.
policy-onward-no = مالكه { $owner }، ولا اتفاق مع { $owner } يسمح لـ{ $holder } بنقله إلى غيره.
policy-onward-named = لا يسمح { $owner } لـ{ $holder } بنقله إلا إلى جهات تذكرها قائمة الإتاحة، وهي لا تذكر هذه الجهة.
policy-rule-failed = تعذّر تطبيق قاعدة، ولذلك رُفض.
policy-no-rule = لا قاعدة تسمح به.
not-stated = غير مذكور
no-level = لا مستوى، فيُعدّ TLP:AMBER
data-threat = بيانات تقنية عن التهديدات، بلا بيانات شخصية
data-suspect = مشتبه بهم
data-convicted = محكوم عليهم
data-victim = ضحايا
data-witness = شهود
data-associate = مخالطو المشتبه بهم وشركاؤهم
data-person = أشخاص دورهم غير معروف
data-document = وثائق هوية ولوحات مركبات
data-contact = أرقام هواتف وعناوين بريد إلكتروني وحسابات مستخدمين
data-account = حسابات مصرفية وبطاقات دفع ومحافظ
agreement-state-draft = مسودة لم يوقّعها أحد.
agreement-state-proposed = مقترح: وقّعه { $by }، ولم يوقّعه الطرف الآخر.
agreement-state-not-yet = وقّعه الطرفان؛ ويسري اعتبارًا من { $moment }.
agreement-state-active = سارٍ حتى { $moment }.
agreement-state-suspended = علّقه { $by } منذ { $moment }: { $reason }
agreement-state-ended = انتهى في { $moment }.
agreement-counts = مدة السريان
agreement-from-until = من { $from } حتى { $until } ضمنًا
agreement-basis = الأساس القانوني
agreement-gives = ما يجوز أن يعطيه { $from } إلى { $to }
agreement-nothing = لا شيء.
agreement-data = البيانات
agreement-for = لغرض
agreement-most = بحدّ أقصى
agreement-codes = رموز التداول
agreement-codes-none = فقط ما ليس له رمز.
agreement-codes-some = ما ليس له رمز، أو هذه فقط: { $codes }.
agreement-owners = بلد المالك
agreement-owners-any = أي بلد.
agreement-onward = النقل إلى غيره
agreement-onward-no = إلى لا أحد.
agreement-onward-named = فقط إلى جهات تذكرها قائمة الإتاحة لدى المعطي.
agreement-onward-label = إلى من تسمح لهم الوسوم.
agreement-kept = مدة الحفظ
agreement-kept-days = { $count ->
    [zero] لا يُحفظ.
    [one] يوم واحد على الأكثر، أو أقل إذا نصّت الوسوم على ذلك.
    [two] يومان على الأكثر، أو أقل إذا نصّت الوسوم على ذلك.
    [few] { $shown } أيام على الأكثر، أو أقل إذا نصّت الوسوم على ذلك.
    [many] { $shown } يومًا على الأكثر، أو أقل إذا نصّت الوسوم على ذلك.
   *[other] { $shown } يوم على الأكثر، أو أقل إذا نصّت الوسوم على ذلك.
}
agreement-kept-label = بحسب ما تنص عليه الوسوم.
agreement-queries = الاستعلامات
agreement-queries-none = لا يجوز لأي منهما سؤال الآخر.
agreement-queries-some = يجوز لكل منهما سؤال الآخر؛ الحد الأقصى في الساعة: { $hour }، وفي 24 ساعة: { $day }.
agreement-receipts = التصويبات والاسترجاعات
agreement-receipts-hours = يُردّ عليها بإيصال موقَّع؛ عدد الساعات على الأكثر: { $hours }.
agreement-receipts-suspend = ما دام إيصال متأخرًا لا يُجاب عن استعلامات ذلك الطرف.
agreement-always = يجوز لأي طرف وحده تعليقه فورًا، ولا يرفع التعليق إلا من علّقه. ولا يفتح شيئًا تمنعه وسوم الكائن.
agreement-signed-by = وقّعه
agreement-keys = مفاتيح التوقيع
agreement-nobody = لا أحد بعد
agreement-before = قبل ذلك: { $before }
agreement-english = بالإنجليزية كما يعرضه سطر الأوامر
setting = الإعداد
setting-value = القيمة
clearance-none = بلا
clearance-restricted = مقيّد
clearance-confidential = خصوصي
clearance-secret = سري
clearance-top-secret = سري للغاية
page-search = البحث
search-persons = البحث عن أشخاص ووثائق
reason-to-ask = النتيجة سبب لسؤال من لديه المعلومة، وليست أبدًا سببًا للتصرف.
person = الشخص
person-name = الاسم
person-name-how = بأي خط وبأي ترتيب.
birth-date = تاريخ الميلاد
birth-date-how = بقدر ما هو معروف: ⁦1984-03-05⁩ أو ⁦1984-03⁩ أو 1984.
nationality = الجنسية
state-how = الاسم أو الرمز: EE أو EST.
sex = الجنس
person-document = الوثيقة
issuing-state = جهة الإصدار
document-number = الرقم
zone = المنطقة المقروءة آليًا
zone-lines = أسطرها، الواحد تحت الآخر
zone-how = سطران من 44 أو 36 حرفًا، أو ثلاثة أسطر من 30 حرفًا. وهي تُكمل ما تُرك فارغًا أعلاه.
other-value = شيء آخر
other-value-kinds = هاتف أو حساب أو محفظة أو معرّف أو لوحة
other-value-how = كما هو مكتوب، ويسبقه نوعه حيث لا يكون واضحًا: ⁨+372 555 1234⁩، أو IBAN، أو ⁨telegram:name⁩، أو ⁨plate:EE:123ABC⁩.
ask-otherwise = السؤال، لتعديله وطرحه من جديد
see-entry = عرض القيد
zone-read = المنطقة كما قُرئت
zone-put-right = المنطقة كما صُحّحت
nobody-like-it = لا يوجد من هو مرجّح بما يكفي لعرضه.
nobody-like-it-how = جزء من الاسم وحده لا يكفي. الاسم الكامل أو تاريخ الميلاد أو الوثيقة أدلّ. وعدم عرض أحد لا يعني أنه لا يُعرف أحد.
persons-found = { $count ->
    [zero] لا أحد يُحتمل أن يكون المطلوب
    [one] شخص واحد يُحتمل أن يكون المطلوب
    [two] شخصان يُحتمل أن يكون أحدهما المطلوب
    [few] { $shown } أشخاص يُحتمل أن يكون أحدهم المطلوب
    [many] { $shown } شخصًا يُحتمل أن يكون أحدهم المطلوب
   *[other] { $shown } شخص يُحتمل أن يكون أحدهم المطلوب
}
counted-from = تُحتسب الأسماء ابتداءً من { $from } %، كالمعتاد لهذا الغرض.
asked-when = طُرح السؤال:
points-mean = تُجمع النقاط. كل 0.7 نقطة إضافية تضاعف الرجحان؛ ويصح الاحتمال حيث كان نصف من يحملون أسماء كهذه هم الشخص نفسه. وبين أعداد كبيرة جدًا من الناس يلزم أكثر من ذلك.
is-called = يُعرف هناك باسم
document-elsewhere = الوثيقة في مواضع أخرى
search-kept = يُحفظ ما سُئل عنه وما وُجد ساعة واحدة لكم ولا يُحفظ في مكان آخر، ما عدا السجل حيث يُدوَّن مع الغرض.
asked-beside-said = المطلوب إلى جانب ما قيل هناك
search-this-name = البحث عن شخص بهذا الاسم
search-this-document = البحث عن هذه الوثيقة وحاملها
search-nothing = لا يوجد ما يُبحث عنه: أدخلوا اسمًا أو وثيقة أو منطقة مقروءة آليًا.
search-no-state = { $text } ليست دولة معروفة هنا. استخدموا اسمها أو رمزًا مثل EE أو EST.
search-no-date = { $text } ليس تاريخًا. اكتبوا ⁦1984-03-05⁩ أو ⁦1984-03⁩ أو 1984.
search-whose-document = حددوا الدولة التي أصدرت الوثيقة.
search-one-of-both = اسألوا عن وثيقة أو عن شيء آخر، لا عن كليهما معًا.
search-no-value = { $text } ليس هاتفًا ولا حسابًا ولا محفظة ولا معرّفًا ولا لوحة. اكتبوا نوعه قبله، مثل ⁨phone:+3725551234⁩ أو ⁨telegram:name⁩.
zone-length = المنطقة المقروءة آليًا سطران من 44 أو 36 حرفًا، أو ثلاثة أسطر من 30 حرفًا؛ ومجموع الأحرف هنا { $shown }.
zone-character = لا يمكن أن يرد { $text } في منطقة مقروءة آليًا (الحرف { $place }).
zone-digit = أحد أرقام التحقق غير مطابق، ولا يفسّره أي خطأ قراءة محتمل. راجعوا المنطقة مرة أخرى.
zone-mended = السطر { $line }، الموضع { $place }: صُحّح { $was } إلى { $is }.
zone-mended-many = { $count ->
    [zero] لم يُصحَّح أي حرف.
    [one] صُحِّح حرف واحد. قارنوه بالوثيقة.
    [two] صُحِّح حرفان. قارنوهما بالوثيقة.
    [few] صُحِّحت { $shown } أحرف. قارنوها بالوثيقة.
    [many] صُحِّح { $shown } حرفًا. قارنوها بالوثيقة.
   *[other] صُحِّح { $shown } حرف. قارنوها بالوثيقة.
}
zone-name-cut = الاسم يملأ حقله، فقد تكون له تتمة.
valid-until = صالحة حتى
names-beside = أجزاء الاسمين متقابلة
stands-there = هناك
how-alike = التشابه
how-common = الشيوع
not-there = غير موجود هناك
not-asked = غير مطلوب
points-how = ما يؤيد وما يعارض، بالنقاط
for-and-against = مؤيد ومعارض
points = النقاط
together = المجموع
alike-same = مطابق
alike-sound = يُنطق كذلك
more-than = أكثر من { $figure }
less-than = أقل من { $figure }
tells-common = شائع، دلالته قليلة
tells-some = ليس نادرًا
tells-rare = نادر، دلالته كبيرة
fact-names = الاسمان معًا
fact-birth-day = وُلد في اليوم نفسه
fact-birth-swapped = يوم الميلاد وشهره معكوسان
fact-birth-digit = رقم واحد من تاريخ الميلاد مختلف
fact-birth-month = وُلد في الشهر نفسه
fact-birth-year = وُلد في السنة نفسها
fact-birth-about = وُلد في ذلك الوقت تقريبًا
fact-birth-day-other = وُلد في يوم آخر من السنة نفسها
fact-birth-month-other = وُلد في شهر آخر من السنة نفسها
fact-birth-year-other = وُلد في اليوم نفسه من سنة أخرى
fact-birth-near = فارق الميلاد لا يتجاوز ثلاث سنوات
fact-birth-other = وُلد في وقت آخر
fact-nationality = من الجنسية نفسها
fact-nationality-other = من جنسية أخرى
fact-sex = من الجنس نفسه
fact-sex-other = من الجنس الآخر
fact-document = يحمل هذه الوثيقة
fact-document-near = يحمل وثيقة تختلف بخطأ كتابة واحد
fact-identifier = هذا يخصّ هذا الشخص
fact-identifier-near = ما يخصّ هذا الشخص يختلف عن هذا بخطأ كتابة واحد
said-names = الأسماء
said-births = الميلاد
said-nationalities = الجنسية
said-sexes = الجنس
said-documents = الوثائق
said-statuses = الصفة في القضية
said-places = الأماكن
said-features = الأوصاف
said-identifiers = أرقام وحسابات
said-photos = الصور
says-against = لا يمكن أن تصح هذه الأقوال جميعها.
says-nothing = لم يُذكر عنه شيء هناك.
statements-unread = { $count ->
    [zero] قُرئت الأقوال جميعها.
    [one] تعذّرت قراءة قول واحد؛ وهو في الكائن الخام.
    [two] تعذّرت قراءة قولين؛ وهما في الكائن الخام.
    [few] تعذّرت قراءة { $shown } أقوال؛ وهي في الكائن الخام.
    [many] تعذّرت قراءة { $shown } قولًا؛ وهي في الكائن الخام.
   *[other] تعذّرت قراءة { $shown } قول؛ وهي في الكائن الخام.
}
name-true = الاسم الحقيقي
name-alias = اسم آخر
name-spelling = كتابة أخرى
name-former = اسم سابق
name-part = { $part }: { $text }
part-family = اسم العائلة
part-given = الاسم الأول
part-patronymic = اسم الأب
part-maiden = الاسم قبل الزواج
part-matronymic = اسم عائلة الأم
part-title = اللقب
part-suffix = اللاحقة
script-latn = خط لاتيني
script-cyrl = خط سيريلي
script-arab = خط عربي
script-grek = خط يوناني
script-hebr = خط عبري
script-armn = خط أرمني
script-geor = خط جورجي
script-deva = خط ديفاناغاري
script-thai = خط تايلندي
script-hani = خط صيني
script-hans = خط صيني مبسط
script-hant = خط صيني تقليدي
script-jpan = خط ياباني
script-kore = خط كوري
from-until = من { $from } إلى { $until }
about-then = نحو { $date }
document-p = جواز سفر
document-i = بطاقة هوية
document-v = تأشيرة
document-n = رقم وطني
document-issued = صدرت { $date }
document-expires = صالحة حتى { $date }
held-valid = سارية
held-stolen = مسروقة
held-lost = مفقودة
held-stolen-blank = مسروقة قبل إصدارها
held-revoked = ملغاة
status-convicted = مدان
status-charged = متهم
status-suspect = مشتبه فيه
status-of-interest = ذو صلة محتملة
status-witness = شاهد
status-victim = مجني عليه
status-missing = مفقود
status-dead = متوفى
sexed-female = أنثى
sexed-male = ذكر
sexed-unspecified = غير محدد
place-lives = يقيم هناك
place-works = يعمل هناك
place-seen = شوهد هناك
feature-height-cm = الطول بالسنتيمتر
feature-eyes = العينان
feature-hair = الشعر
feature-mark = علامة مميزة
feature-fingerprints = بصمات الأصابع
feature-dna = الحمض النووي
photo-good = يمكن التعرف على الشخص منها
photo-taken = التُقطت { $date }
basis-fact = واقعة
basis-opinion = تقدير شخصي
grade-a = موثوق تمامًا
grade-b = موثوق عادةً
grade-c = موثوق إلى حد ما
grade-d = غير موثوق عادةً
grade-e = غير موثوق
grade-f = موثوقية غير معروفة
grade-1 = مؤكد
grade-2 = صحيح على الأرجح
grade-3 = صحيح ربما
grade-4 = مشكوك فيه
grade-5 = مستبعد
grade-6 = لا يمكن الحكم عليه
listed-stolen = الوثيقة { $document } مسروقة، بحسب { $owner }.
listed-stolen-since = الوثيقة { $document } مسروقة منذ { $since }، بحسب { $owner }.
listed-lost = الوثيقة { $document } مفقودة، بحسب { $owner }.
listed-lost-since = الوثيقة { $document } مفقودة منذ { $since }، بحسب { $owner }.
listed-stolen-blank = الوثيقة { $document } سُرقت فارغة قبل إصدارها، بحسب { $owner }.
listed-stolen-blank-since = الوثيقة { $document } سُرقت فارغة قبل إصدارها، بتاريخ { $since }، بحسب { $owner }.
listed-revoked = الوثيقة { $document } ملغاة، بحسب { $owner }.
listed-revoked-since = الوثيقة { $document } ملغاة منذ { $since }، بحسب { $owner }.
listed-near = قريب: ليس الرقم المطلوب ({ $asked })، بل رقم قد ينتج عنه بخطأ كتابة واحد. راجعوا الوثيقة مرة أخرى.
document-named = وردت الوثيقة { $document } في
document-named-near = وردت الوثيقة { $document }، التي تختلف بخطأ كتابة واحد، في
asked-misread = أرقام التحقق في ما طُلب غير صحيحة: قُرئ أو كُتب خطأً. بُحث عما قد ينتج عنه بخطأ كتابة واحد.
state-XXA = عديم الجنسية
state-XXB = لاجئ
state-XXC = لاجئ، فئة أخرى
state-XXX = جنسية غير محددة
state-UNO = الأمم المتحدة
state-EUE = الاتحاد الأوروبي
