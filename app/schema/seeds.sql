-- Reference information that every installation starts with: the tree of regions, resources, tariffs, VAT, texts of contracts.
--
-- Sources: regions — state classifier SOATO; household electricity — Cabinet of Ministers resolution no. 204 of 2024-04-16
-- and its amendment no. 194 of 2025; legal tariffs — announced with effect from 2023-10-01 and 2025-05-01; VAT 12 % since
-- 2023-01-01. The step 201–500 of the electric-stove tariff of 2025-05-01 is inferred as one half of the ordinary rate.
-- Contracts — the templates' own column source. Defaults of operating parameters stand in their catalogue.

SET LOCAL app.valid_from = '2000-01-01';

INSERT INTO division (id, parent_id, level, code, name, name_uz_cyrl, name_ru, path) VALUES
    (1, NULL, 'REPUBLIC', '17', 'Oʻzbekiston Respublikasi', 'Ўзбекистон Республикаси', 'Республика Узбекистан', '17/'),
    (2, 1, 'REGION', '1703', 'Andijon', 'Андижон', 'Андижанская область', '17/1703/'),
    (3, 1, 'REGION', '1706', 'Buxoro', 'Бухоро', 'Бухарская область', '17/1706/'),
    (4, 1, 'REGION', '1708', 'Jizzax', 'Жиззах', 'Джизакская область', '17/1708/'),
    (5, 1, 'REGION', '1710', 'Qashqadaryo', 'Қашқадарё', 'Кашкадарьинская область', '17/1710/'),
    (6, 1, 'REGION', '1712', 'Navoiy', 'Навоий', 'Навоийская область', '17/1712/'),
    (7, 1, 'REGION', '1714', 'Namangan', 'Наманган', 'Наманганская область', '17/1714/'),
    (8, 1, 'REGION', '1718', 'Samarqand', 'Самарқанд', 'Самаркандская область', '17/1718/'),
    (9, 1, 'REGION', '1722', 'Surxondaryo', 'Сурхондарё', 'Сурхандарьинская область', '17/1722/'),
    (10, 1, 'REGION', '1724', 'Sirdaryo', 'Сирдарё', 'Сырдарьинская область', '17/1724/'),
    (11, 1, 'REGION', '1726', 'Toshkent shahri', 'Тошкент шаҳри', 'город Ташкент', '17/1726/'),
    (12, 1, 'REGION', '1727', 'Toshkent viloyati', 'Тошкент вилояти', 'Ташкентская область', '17/1727/'),
    (13, 1, 'REGION', '1730', 'Fargʻona', 'Фарғона', 'Ферганская область', '17/1730/'),
    (14, 1, 'REGION', '1733', 'Xorazm', 'Хоразм', 'Хорезмская область', '17/1733/'),
    (15, 1, 'REGION', '1735', 'Qoraqalpogʻiston', 'Қорақалпоғистон', 'Каракалпакстан', '17/1735/');
SELECT setval('division_id_seq', max(id)) FROM division;

INSERT INTO resource (id, code, name, unit, quantum_milli) VALUES
    (1, 'ELECTRICITY', 'Elektr energiyasi', 'kWh', 1000),
    (2, 'GAS', 'Tabiiy gaz', 'm³', 1000),
    (3, 'HEAT', 'Issiqlik energiyasi', 'Gcal', 1),
    (4, 'WATER', 'Suv', 'm³', 1000);
SELECT setval('resource_id_seq', max(id)) FROM resource;

INSERT INTO tariff_group (id, code, name, consumer_kind) VALUES
    (1, 'HOUSEHOLD', 'Aholi', 'HOUSEHOLD'),
    (2, 'HOUSEHOLD_STOVE', 'Aholi, elektr plitali uylar', 'HOUSEHOLD'),
    (3, 'LEGAL', 'Yuridik isteʼmolchilar', 'LEGAL'),
    (4, 'LEGAL_BUDGET', 'Budjet tashkilotlari va yirik sanoat', 'LEGAL');
SELECT setval('tariff_group_id_seq', max(id)) FROM tariff_group;

INSERT INTO tariff (id, resource_id, tariff_group_id, name) VALUES
    (1, 1, 1, 'Elektr energiyasi: Aholi'),
    (2, 1, 2, 'Elektr energiyasi: Aholi, elektr plitali uylar'),
    (3, 1, 3, 'Elektr energiyasi: Yuridik isteʼmolchilar'),
    (4, 1, 4, 'Elektr energiyasi: Budjet tashkilotlari va yirik sanoat');
SELECT setval('tariff_id_seq', max(id)) FROM tariff;

INSERT INTO tariff_version (id, tariff_id, source, valid_from, valid_to) VALUES
    (1, 1, '2024-yil 1-maygacha yagona tarif', '2000-01-01', '2024-05-01'),
    (2, 1, 'Vazirlar Mahkamasining 2024-yil 16-apreldagi 204-son qarori', '2024-05-01', '2025-05-01'),
    (3, 1, '204-son qaror, 2025-yildagi 194-son qaror tahririda', '2025-05-01', NULL),
    (4, 2, '2024-yil 1-maygacha yagona tarif', '2000-01-01', '2024-05-01'),
    (5, 2, 'Vazirlar Mahkamasining 2024-yil 16-apreldagi 204-son qarori', '2024-05-01', '2025-05-01'),
    (6, 2, '204-son qaror, 2025-yildagi 194-son qaror tahririda', '2025-05-01', NULL),
    (7, 3, '2023-yil 1-oktabrdan amaldagi tariflar (eʼlon qilingan)', '2023-10-01', '2025-05-01'),
    (8, 3, '204-son qaror, 2025-yildagi 194-son qaror tahririda', '2025-05-01', NULL),
    (9, 4, '2023-yil 1-oktabrdan amaldagi tariflar (eʼlon qilingan)', '2023-10-01', '2025-05-01'),
    (10, 4, '204-son qaror, 2025-yildagi 194-son qaror tahririda', '2025-05-01', NULL);
SELECT setval('tariff_version_id_seq', max(id)) FROM tariff_version;

INSERT INTO tariff_block (id, version_id, block_no, upper_milli, rate, zone) VALUES
    (1, 1, 1, NULL, 295.0000, 'TOTAL'),
    (2, 2, 1, 200000, 450.0000, 'TOTAL'),
    (3, 2, 2, 1000000, 900.0000, 'TOTAL'),
    (4, 2, 3, 5000000, 1350.0000, 'TOTAL'),
    (5, 2, 4, 10000000, 1575.0000, 'TOTAL'),
    (6, 2, 5, NULL, 1800.0000, 'TOTAL'),
    (7, 3, 1, 200000, 600.0000, 'TOTAL'),
    (8, 3, 2, 500000, 800.0000, 'TOTAL'),
    (9, 3, 3, 1000000, 1000.0000, 'TOTAL'),
    (10, 3, 4, 5000000, 1500.0000, 'TOTAL'),
    (11, 3, 5, 10000000, 1750.0000, 'TOTAL'),
    (12, 3, 6, NULL, 2000.0000, 'TOTAL'),
    (13, 4, 1, NULL, 147.5000, 'TOTAL'),
    (14, 5, 1, 200000, 225.0000, 'TOTAL'),
    (15, 5, 2, 1000000, 450.0000, 'TOTAL'),
    (16, 5, 3, 5000000, 675.0000, 'TOTAL'),
    (17, 5, 4, 10000000, 787.5000, 'TOTAL'),
    (18, 5, 5, NULL, 900.0000, 'TOTAL'),
    (19, 6, 1, 200000, 300.0000, 'TOTAL'),
    (20, 6, 2, 500000, 400.0000, 'TOTAL'),
    (21, 6, 3, 1000000, 500.0000, 'TOTAL'),
    (22, 6, 4, 5000000, 750.0000, 'TOTAL'),
    (23, 6, 5, 10000000, 875.0000, 'TOTAL'),
    (24, 6, 6, NULL, 1000.0000, 'TOTAL'),
    (25, 7, 1, NULL, 900.0000, 'TOTAL'),
    (26, 8, 1, NULL, 1000.0000, 'TOTAL'),
    (27, 9, 1, NULL, 1000.0000, 'TOTAL'),
    (28, 10, 1, NULL, 1000.0000, 'TOTAL');
SELECT setval('tariff_block_id_seq', max(id)) FROM tariff_block;

INSERT INTO vat_rate (id, valid_from, percent, source) VALUES
    (1, '2019-10-01', 15.00, '2019-yil 1-oktabrdan QQS 15 foiz'),
    (2, '2023-01-01', 12.00, 'Soliq kodeksi, 2023-yil 1-yanvardan QQS 12 foiz');
SELECT setval('vat_rate_id_seq', max(id)) FROM vat_rate;

INSERT INTO benefit (id, code, name, percent, source) VALUES
    (1, 'DISABLED_1', 'I guruh nogironligi boʻlgan shaxs', 50.00, 'namunaviy yozuv; hujjat bilan tasdiqlanadi');
SELECT setval('benefit_id_seq', max(id)) FROM benefit;

INSERT INTO payment_contract (id, channel, name, merchant_number, key_sha256, smallest_tiyin, largest_tiyin, is_active, service_number, login, networks, commission_percent, is_stopped, unknown_transaction, repeated_cancel, repeated_payment, cancel_days, ask_url, ask_login) VALUES
    (1, 'CASHIER', 'Cash desks', '', '', 1, 1000000000000000, true, '', '', '', 0.000, false, 'STATE_3', 'SAME_ANSWER', 'REFUSED', 366, '', '');
SELECT setval('payment_contract_id_seq', max(id)) FROM payment_contract;

INSERT INTO contract_template (id, kind, language, valid_from, body, source) VALUES
    (1, 'OFFER', 'uz', '1990-01-01', '# Elektr energiyasi va tabiiy gaz yetkazib berish boʻyicha ommaviy oferta shartnomasi № {number}
{place}, {signed_on}
Taʼminotchi: {seller}, STIR {seller_stir}, manzil: {seller_address}.
Isteʼmolchi: {consumer}, JSHSHIR {consumer_identifier}, manzil: {consumer_address}. Shaxsiy hisobvaraqlar: {accounts}.
## 1. Shartnoma predmeti
1.1. Taʼminotchi isteʼmolchiga uy-roʻzgʻor ehtiyojlari uchun energiya yetkazib beradi, isteʼmolchi esa hisobga olish asbobi koʻrsatkichlari boʻyicha amaldagi tariflarda haq toʻlaydi.
1.2. Ushbu shartnoma ommaviy ofertadir; energiyadan foydalanish boshlangan kun, {valid_from}, ofertaning qabul qilingan kuni hisoblanadi.
1.3. Ulangan quvvat: {capacity} kVt.
## 2. Hisob-kitob tartibi
2.1. Hisob-kitob davri bir kalendar oy. Haq keyingi oyning belgilangan kunigacha toʻlanadi.
2.2. Muddatida toʻlanmagan summaga qonunchilikda belgilangan miqdorda penya hisoblanadi.
## 3. Tomonlarning huquq va majburiyatlari
3.1. Taʼminotchi uzluksiz va sifatli energiya taʼminotini, hisobvaraqlarning toʻgʻriligini taʼminlaydi.
3.2. Isteʼmolchi hisobga olish asbobining but saqlanishini va unga kirish imkonini taʼminlaydi, haqni oʻz vaqtida toʻlaydi.
## 4. Amal qilish muddati
4.1. Shartnoma {valid_from} dan muddatsiz amal qiladi va shaxsiy hisobvaraq yopilganda yoki isteʼmolchi almashganda tugaydi.
Taʼminotchi rahbari: {seller_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (2, 'OFFER', 'uz_Cyrl', '1990-01-01', '# Электр энергияси ва табиий газ етказиб бериш бўйича оммавий оферта шартномаси № {number}
{place}, {signed_on}
Таъминотчи: {seller}, СТИР {seller_stir}, манзил: {seller_address}.
Истеъмолчи: {consumer}, ЖШШИР {consumer_identifier}, манзил: {consumer_address}. Шахсий ҳисобварақлар: {accounts}.
## 1. Шартнома предмети
1.1. Таъминотчи истеъмолчига уй-рўзғор эҳтиёжлари учун энергия етказиб беради, истеъмолчи эса ҳисобга олиш асбоби кўрсаткичлари бўйича амалдаги тарифларда ҳақ тўлайди.
1.2. Ушбу шартнома оммавий офертадир; энергиядан фойдаланиш бошланган кун, {valid_from}, офертанинг қабул қилинган куни ҳисобланади.
1.3. Уланган қувват: {capacity} кВт.
## 2. Ҳисоб-китоб тартиби
2.1. Ҳисоб-китоб даври бир календар ой. Ҳақ кейинги ойнинг белгиланган кунигача тўланади.
2.2. Муддатида тўланмаган суммага қонунчиликда белгиланган миқдорда пеня ҳисобланади.
## 3. Томонларнинг ҳуқуқ ва мажбуриятлари
3.1. Таъминотчи узлуксиз ва сифатли энергия таъминотини, ҳисобварақларнинг тўғрилигини таъминлайди.
3.2. Истеъмолчи ҳисобга олиш асбобининг бут сақланишини ва унга кириш имконини таъминлайди, ҳақни ўз вақтида тўлайди.
## 4. Амал қилиш муддати
4.1. Шартнома {valid_from} дан муддациз амал қилади ва шахсий ҳисобварақ ёпилганда ёки истеъмолчи алмашганда тугайди.
Таъминотчи раҳбари: {seller_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (3, 'OFFER', 'ru', '1990-01-01', '# Договор публичной оферты на поставку электрической энергии и природного газа № {number}
{place}, {signed_on}
Поставщик: {seller}, ИНН {seller_stir}, адрес: {seller_address}.
Потребитель: {consumer}, ПИНФЛ {consumer_identifier}, адрес: {consumer_address}. Лицевые счета: {accounts}.
## 1. Предмет договора
1.1. Поставщик подаёт потребителю энергию для бытовых нужд, потребитель оплачивает её по показаниям прибора учёта и действующим тарифам.
1.2. Договор является публичной офертой; днём её принятия считается день начала пользования энергией, {valid_from}.
1.3. Присоединённая мощность: {capacity} кВт.
## 2. Порядок расчётов
2.1. Расчётный период — календарный месяц. Плата вносится до установленного дня следующего месяца.
2.2. На сумму, не уплаченную в срок, начисляется пеня в размере, установленном законодательством.
## 3. Права и обязанности сторон
3.1. Поставщик обеспечивает бесперебойное и качественное снабжение и правильность счетов на оплату.
3.2. Потребитель обеспечивает сохранность прибора учёта и доступ к нему и своевременно вносит плату.
## 4. Срок действия
4.1. Договор действует с {valid_from} без срока и прекращается при закрытии лицевого счёта или смене потребителя.
Руководитель поставщика: {seller_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (4, 'SUPPLY', 'uz', '1990-01-01', '# Elektr energiyasi yetkazib berish shartnomasi № {number}
{place}, {signed_on}
Taʼminotchi: {seller}, STIR {seller_stir}, manzil: {seller_address}, bank rekvizitlari: {seller_bank}, rahbar: {seller_director}.
Isteʼmolchi: {consumer}, STIR {consumer_identifier}, manzil: {consumer_address}, bank rekvizitlari: {consumer_bank}, rahbar: {consumer_director}.
## 1. Shartnoma predmeti
1.1. Taʼminotchi quyidagi shaxsiy hisobvaraqlar boʻyicha energiya yetkazib beradi, isteʼmolchi uni qabul qiladi va haqini toʻlaydi: {accounts}.
1.2. Ulangan quvvat: {capacity} kVt. Buyurtma qilingan quvvat: {demand} kVt. Oylik energiya limiti: {limit} kVt·soat.
## 2. Hisobga olish va hisob-kitob
2.1. Energiya miqdori hisobga olish asboblari koʻrsatkichlari boʻyicha aniqlanadi; hisob-kitob davri bir kalendar oy.
2.2. Bir shartnoma boʻyicha bir nechta hisobvaraq boʻlsa, shartnoma raqami boʻyicha toʻlov eng eski qarzdan boshlab taqsimlanadi.
2.3. Muddatida toʻlanmagan summaga qonunchilikda belgilangan miqdorda penya hisoblanadi.
## 3. Tomonlarning majburiyatlari
3.1. Taʼminotchi kelishilgan limit doirasida uzluksiz va sifatli energiya taʼminotini taʼminlaydi.
3.2. Isteʼmolchi hisobga olish asboblarini but saqlaydi, limitga rioya qiladi va haqni oʻz vaqtida toʻlaydi.
## 4. Amal qilish muddati
4.1. Shartnoma {valid_from} dan {valid_to} gacha amal qiladi. Shartlar qoʻshimcha kelishuv bilan oʻzgartiriladi, muddat uzaytirish kelishuvi bilan uzaytiriladi.
## 5. Imzolar
Taʼminotchi: ____________ {seller_director}
Isteʼmolchi: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (5, 'SUPPLY', 'uz_Cyrl', '1990-01-01', '# Электр энергияси етказиб бериш шартномаси № {number}
{place}, {signed_on}
Таъминотчи: {seller}, СТИР {seller_stir}, манзил: {seller_address}, банк реквизитлари: {seller_bank}, раҳбар: {seller_director}.
Истеъмолчи: {consumer}, СТИР {consumer_identifier}, манзил: {consumer_address}, банк реквизитлари: {consumer_bank}, раҳбар: {consumer_director}.
## 1. Шартнома предмети
1.1. Таъминотчи қуйидаги шахсий ҳисобварақлар бўйича энергия етказиб беради, истеъмолчи уни қабул қилади ва ҳақини тўлайди: {accounts}.
1.2. Уланган қувват: {capacity} кВт. Буюртма қилинган қувват: {demand} кВт. Ойлик энергия лимити: {limit} кВт·соат.
## 2. Ҳисобга олиш ва ҳисоб-китоб
2.1. Энергия миқдори ҳисобга олиш асбоблари кўрсаткичлари бўйича аниқланади; ҳисоб-китоб даври бир календар ой.
2.2. Бир шартнома бўйича бир нечта ҳисобварақ бўлса, шартнома рақами бўйича тўлов энг эски қарздан бошлаб тақсимланади.
2.3. Муддатида тўланмаган суммага қонунчиликда белгиланган миқдорда пеня ҳисобланади.
## 3. Томонларнинг мажбуриятлари
3.1. Таъминотчи келишилган лимит доирасида узлуксиз ва сифатли энергия таъминотини таъминлайди.
3.2. Истеъмолчи ҳисобга олиш асбобларини бут сақлайди, лимитга риоя қилади ва ҳақни ўз вақтида тўлайди.
## 4. Амал қилиш муддати
4.1. Шартнома {valid_from} дан {valid_to} гача амал қилади. Шартлар қўшимча келишув билан ўзгартирилади, муддат узайтириш келишуви билан узайтирилади.
## 5. Имзолар
Таъминотчи: ____________ {seller_director}
Истеъмолчи: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (6, 'SUPPLY', 'ru', '1990-01-01', '# Договор на поставку электрической энергии № {number}
{place}, {signed_on}
Поставщик: {seller}, ИНН {seller_stir}, адрес: {seller_address}, банковские реквизиты: {seller_bank}, руководитель: {seller_director}.
Потребитель: {consumer}, ИНН {consumer_identifier}, адрес: {consumer_address}, банковские реквизиты: {consumer_bank}, руководитель: {consumer_director}.
## 1. Предмет договора
1.1. Поставщик подаёт энергию, а потребитель принимает и оплачивает её по следующим лицевым счетам: {accounts}.
1.2. Присоединённая мощность: {capacity} кВт. Заявленная мощность: {demand} кВт. Лимит энергии на месяц: {limit} кВт·ч.
## 2. Учёт и расчёты
2.1. Количество энергии определяется по показаниям приборов учёта; расчётный период — календарный месяц.
2.2. Если по договору несколько лицевых счетов, платёж по номеру договора распределяется начиная с самого старого долга.
2.3. На сумму, не уплаченную в срок, начисляется пеня в размере, установленном законодательством.
## 3. Обязанности сторон
3.1. Поставщик обеспечивает бесперебойное и качественное снабжение в пределах согласованного лимита.
3.2. Потребитель обеспечивает сохранность приборов учёта, соблюдает лимит и своевременно вносит плату.
## 4. Срок действия
4.1. Договор действует с {valid_from} по {valid_to} (исключительно). Условия изменяются дополнительным соглашением, срок продлевается соглашением о продлении.
## 5. Подписи
Поставщик: ____________ {seller_director}
Потребитель: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (7, 'ANNEX', 'uz', '1990-01-01', '# {number}-sonli shartnomaga {paper_number}-sonli qoʻshimcha kelishuv
{place}, {signed_on}
{seller} va {consumer} {on} dan boshlab quyidagilarga kelishdilar: {changes}.
Hisobvaraqlar: {accounts}. Asos: {reason}.
Shartnomaning boshqa shartlari oʻzgarmaydi. Ushbu kelishuv shartnomaning ajralmas qismidir.
Taʼminotchi: ____________ {seller_director}
Isteʼmolchi: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (8, 'ANNEX', 'uz_Cyrl', '1990-01-01', '# {number}-сонли шартномага {paper_number}-сонли қўшимча келишув
{place}, {signed_on}
{seller} ва {consumer} {on} дан бошлаб қуйидагиларга келишдилар: {changes}.
Ҳисобварақлар: {accounts}. Асос: {reason}.
Шартноманинг бошқа шартлари ўзгармайди. Ушбу келишув шартноманинг ажралмас қисмидир.
Таъминотчи: ____________ {seller_director}
Истеъмолчи: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (9, 'ANNEX', 'ru', '1990-01-01', '# Дополнительное соглашение № {paper_number} к договору № {number}
{place}, {signed_on}
{seller} и {consumer} договорились с {on} о следующем: {changes}.
Лицевые счета: {accounts}. Основание: {reason}.
Остальные условия договора не меняются. Соглашение является неотъемлемой частью договора.
Поставщик: ____________ {seller_director}
Потребитель: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (10, 'RENEWAL', 'uz', '1990-01-01', '# {number}-sonli shartnoma muddatini uzaytirish toʻgʻrisida {paper_number}-sonli kelishuv
{place}, {signed_on}
{seller} va {consumer} shartnoma muddatini {on} dan {valid_to} gacha uzaytirishga kelishdilar.
Hisobvaraqlar: {accounts}. Asos: {reason}.
Taʼminotchi: ____________ {seller_director}
Isteʼmolchi: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (11, 'RENEWAL', 'uz_Cyrl', '1990-01-01', '# {number}-сонли шартнома муддатини узайтириш тўғрисида {paper_number}-сонли келишув
{place}, {signed_on}
{seller} ва {consumer} шартнома муддатини {on} дан {valid_to} гача узайтиришга келишдилар.
Ҳисобварақлар: {accounts}. Асос: {reason}.
Таъминотчи: ____________ {seller_director}
Истеъмолчи: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (12, 'RENEWAL', 'ru', '1990-01-01', '# Соглашение № {paper_number} о продлении договора № {number}
{place}, {signed_on}
{seller} и {consumer} договорились продлить срок договора с {on} по {valid_to} (исключительно).
Лицевые счета: {accounts}. Основание: {reason}.
Поставщик: ____________ {seller_director}
Потребитель: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (13, 'TERMINATION', 'uz', '1990-01-01', '# {number}-sonli shartnomani bekor qilish toʻgʻrisida bildirishnoma
{place}, {signed_on}
{seller} va {consumer} oʻrtasidagi shartnoma {on} dan bekor qilinadi. Hisobvaraqlar: {accounts}. Asos: {reason}.
Shartnoma bekor qilingunga qadar yetkazib berilgan energiya haqi toʻliq toʻlanadi.
Taʼminotchi: ____________ {seller_director}
Isteʼmolchi: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (14, 'TERMINATION', 'uz_Cyrl', '1990-01-01', '# {number}-сонли шартномани бекор қилиш тўғрисида билдиришнома
{place}, {signed_on}
{seller} ва {consumer} ўртасидаги шартнома {on} дан бекор қилинади. Ҳисобварақлар: {accounts}. Асос: {reason}.
Шартнома бекор қилингунга қадар етказиб берилган энергия ҳақи тўлиқ тўланади.
Таъминотчи: ____________ {seller_director}
Истеъмолчи: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi'),
    (15, 'TERMINATION', 'ru', '1990-01-01', '# Уведомление о расторжении договора № {number}
{place}, {signed_on}
Договор между {seller} и {consumer} расторгается с {on}. Лицевые счета: {accounts}. Основание: {reason}.
Энергия, поставленная до расторжения, оплачивается полностью.
Поставщик: ____________ {seller_director}
Потребитель: ____________ {consumer_director}', 'namunaviy matn, buyurtmachi tasdiqlaydi');
SELECT setval('contract_template_id_seq', max(id)) FROM contract_template;
