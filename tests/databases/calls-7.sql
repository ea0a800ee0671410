PRAGMA user_version = 7;
BEGIN TRANSACTION;
CREATE TABLE combinations (        -- what sums are kept by
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,       -- words.id
    direction TEXT NOT NULL,
    class TEXT NOT NULL,
    department TEXT NOT NULL,      -- '' when none, as the next two
    extension TEXT NOT NULL,
    trunk TEXT NOT NULL,
    UNIQUE (source, direction, class, department, extension, trunk)
);
INSERT INTO "combinations" VALUES(1,1,'incoming','mobile','Switchboard','100','01');
INSERT INTO "combinations" VALUES(2,1,'incoming','domestic','Switchboard','102','02');
INSERT INTO "combinations" VALUES(3,1,'incoming','unknown','Switchboard','101','03');
INSERT INTO "combinations" VALUES(4,1,'incoming','local','Switchboard','100','02');
INSERT INTO "combinations" VALUES(5,1,'incoming','mobile','Switchboard','100','03');
INSERT INTO "combinations" VALUES(6,1,'incoming','international','Switchboard','102','01');
INSERT INTO "combinations" VALUES(7,1,'incoming','local','Switchboard','101','02');
INSERT INTO "combinations" VALUES(8,1,'incoming','unknown','Switchboard','102','06');
INSERT INTO "combinations" VALUES(9,1,'incoming','unknown','Switchboard','100','07');
INSERT INTO "combinations" VALUES(10,1,'incoming','domestic','Switchboard','100','01');
INSERT INTO "combinations" VALUES(11,1,'internal','internal','','109','');
INSERT INTO "combinations" VALUES(12,1,'internal','internal','Sales','105','');
INSERT INTO "combinations" VALUES(13,1,'outgoing','local','','145','21');
INSERT INTO "combinations" VALUES(14,1,'outgoing','mobile','','139','20');
INSERT INTO "combinations" VALUES(15,1,'incoming','mobile','','109','02');
INSERT INTO "combinations" VALUES(16,1,'incoming','domestic','Switchboard','101','02');
INSERT INTO "combinations" VALUES(17,1,'internal','internal','','112','');
INSERT INTO "combinations" VALUES(18,1,'incoming','domestic','Switchboard','102','03');
INSERT INTO "combinations" VALUES(19,1,'outgoing','mobile','','146','20');
INSERT INTO "combinations" VALUES(20,1,'outgoing','domestic','','126','19');
INSERT INTO "combinations" VALUES(21,4,'outgoing','local','','112','21');
INSERT INTO "combinations" VALUES(22,4,'incoming','local','Switchboard','100','01');
INSERT INTO "combinations" VALUES(23,4,'incoming','local','','','01');
INSERT INTO "combinations" VALUES(24,4,'incoming','domestic','Switchboard','101','01');
INSERT INTO "combinations" VALUES(25,4,'incoming','domestic','','132','01');
INSERT INTO "combinations" VALUES(26,4,'outgoing','service','','119','20');
INSERT INTO "combinations" VALUES(27,4,'incoming','mobile','Switchboard','102','02');
INSERT INTO "combinations" VALUES(28,4,'incoming','mobile','Sales','107','02');
INSERT INTO "combinations" VALUES(29,4,'outgoing','domestic','','108','19');
INSERT INTO "combinations" VALUES(30,4,'outgoing','international','','127','18');
INSERT INTO "combinations" VALUES(31,4,'incoming','local','Switchboard','100','03');
INSERT INTO "combinations" VALUES(32,4,'incoming','local','','123','03');
CREATE TABLE cursors (             -- how far each lane of a source's stream has been projected
    source TEXT NOT NULL,
    lane INTEGER NOT NULL,         -- simultaneous connections of one source are separate lanes
    position INTEGER NOT NULL,     -- first byte of the lane not yet in a complete frame (offset in the source's stream)
    state TEXT NOT NULL,           -- of the framer: after a lone CR, or inside a line that is too long
    tail TEXT NOT NULL, heading TEXT NOT NULL DEFAULT '',            -- class of the last frame: a late line end is counted with its line
    PRIMARY KEY (source, lane)
) WITHOUT ROWID;
INSERT INTO "cursors" VALUES('pbx1',0,3133,'','record','');
INSERT INTO "cursors" VALUES('pbx2',0,1557,'','record','');
CREATE TABLE joining (             -- calls a later leg may still belong to
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    call INTEGER NOT NULL,         -- offset of the call's first leg
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
INSERT INTO "joining" VALUES('pbx1','01',1985);
INSERT INTO "joining" VALUES('pbx1','02',2559);
INSERT INTO "joining" VALUES('pbx1','03',2805);
INSERT INTO "joining" VALUES('pbx1','06',1492);
INSERT INTO "joining" VALUES('pbx1','07',1656);
INSERT INTO "joining" VALUES('pbx1','19',3051);
INSERT INTO "joining" VALUES('pbx1','20',2969);
INSERT INTO "joining" VALUES('pbx1','21',2313);
CREATE TABLE links (               -- state of every input, written when it changes
    source TEXT PRIMARY KEY,
    state TEXT NOT NULL,           -- connecting, open, waiting, closed, failed
    detail TEXT NOT NULL,          -- a sentence: why it waits, who is connected
    since REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE noise (
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (source, reason)
) WITHOUT ROWID;
INSERT INTO "noise" VALUES('pbx1','form-feed',2,2);
INSERT INTO "noise" VALUES('pbx1','heading',4,328);
CREATE TABLE outputs (
    output TEXT PRIMARY KEY,
    state TEXT NOT NULL,           -- ok, retrying, refused
    calls_seq INTEGER NOT NULL,    -- everything up to here is confirmed by the server
    rollups_seq INTEGER NOT NULL,
    last_error TEXT,
    since REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE quarantine (          -- points a server refused for good, kept with its words
    output TEXT NOT NULL,
    point TEXT NOT NULL,
    reason TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (output, point)
) WITHOUT ROWID;
CREATE TABLE rejected (
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    received REAL NOT NULL,
    reason TEXT NOT NULL,
    hint TEXT NOT NULL,
    raw TEXT NOT NULL,             -- latin-1, at most one framer buffer long
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;
INSERT INTO "rejected" VALUES('pbx1',739,1786323680.0,'bad-field','column 10-16 (time) holds ''09:1   ''','10/08/26 09:1');
INSERT INTO "rejected" VALUES('pbx2',347,1786323640.0,'field-count','1 fields separated by '';'', at least 5 expected','10.08.26 nonsense');
CREATE TABLE removed (
    source TEXT PRIMARY KEY,
    calls INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    talk_s INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sequence (last INTEGER NOT NULL);
INSERT INTO "sequence" VALUES(70);
CREATE TABLE sources (             -- what every source has given so far; the conservation identity is read from here
    source TEXT PRIMARY KEY,
    format TEXT,                   -- the format in force (pinned by detection when configured as "auto")
    record_bytes INTEGER NOT NULL DEFAULT 0,
    rejected_bytes INTEGER NOT NULL DEFAULT 0,
    noise_bytes INTEGER NOT NULL DEFAULT 0,
    legs INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    noise INTEGER NOT NULL DEFAULT 0,
    last_record REAL,              -- receive time of the last accepted record
    drift_s REAL                   -- PBX clock minus receive time, least delayed of the last live records
, date_order TEXT, date_certainty REAL, carried_day TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
INSERT INTO "sources" VALUES('pbx1','panasonic/kx-tda',2788,15,330,34,21,1,6,1786323950.0,200.0,'dmy',0.75,'');
INSERT INTO "sources" VALUES('pbx2','fritzbox/callmonitor',1538,19,0,34,12,1,0,1786323730.0,966.0,'dmy',0.75,'');
CREATE TABLE stored_calls (
    seq INTEGER PRIMARY KEY,       -- changes whenever the call changes; outputs follow it
    source INTEGER NOT NULL,       -- words.id
    offset INTEGER NOT NULL,       -- identity: first leg's first byte in the source's stream
    combination INTEGER NOT NULL,  -- combinations.id: its direction, class, department, extension and trunk
    format INTEGER NOT NULL,       -- words.id
    start INTEGER NOT NULL,
    received REAL NOT NULL,
    resolution_s INTEGER NOT NULL,
    outcome INTEGER NOT NULL,      -- as the view `calls` spells it out
    number TEXT, peer_extension TEXT, answered_by TEXT, did TEXT,
    ring_s INTEGER, talk_s INTEGER, hold_s INTEGER,
    transferred INTEGER NOT NULL, conference INTEGER NOT NULL,
    account_code TEXT, auth_code TEXT, pbx_call_id TEXT, meter_pulses INTEGER, pbx_cost TEXT, currency TEXT,
    carrier INTEGER, person INTEGER,         -- words.id
    cost TEXT,
    flags TEXT,                    -- JSON array, null when empty
    legs TEXT,                     -- JSON array of leg offsets, null when there is but the one at `offset`
    open INTEGER NOT NULL,         -- 1 while more legs are certain to come: not sent to outputs yet
    former TEXT, rated_s INTEGER,                   -- JSON array of the starts under which outputs may have seen the call with another
                                   -- direction, outcome, class, department, extension, trunk, carrier or start: they
                                   -- delete those points first; null when there are none
    CHECK (open IN (0, 1))
);
INSERT INTO "stored_calls" VALUES(1,1,165,1,2,1786323559,1786323620.0,60,0,'15800000014',NULL,'100',NULL,8,279,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,NULL,NULL,'[165,247]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(2,1,329,2,2,1786323630,1786323640.0,60,0,'02155500041',NULL,'102',NULL,12,18,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[329,411]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(3,1,493,3,2,1786323652,1786323660.0,60,0,NULL,NULL,'101',NULL,2,55,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[493,575]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(4,1,657,4,2,1786323686,1786323690.0,60,0,'55500229',NULL,'100',NULL,8,110,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,NULL,NULL,'[657,754]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(5,1,836,2,2,1786323944,1786323710.0,60,0,'02855500004',NULL,'102',NULL,4,137,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[836,918]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(6,1,1000,5,2,1786324028,1786323730.0,60,0,'18600000017',NULL,'100',NULL,11,75,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,NULL,NULL,'[1000,1082]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(7,1,1164,6,2,1786324072,1786323750.0,60,0,'0081300000000',NULL,'102',NULL,0,402,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[1164,1246]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(8,1,1328,7,2,1786324066,1786323770.0,60,0,'55500243',NULL,'101',NULL,4,103,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[1328,1410]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(9,1,1492,8,2,1786324107,1786323790.0,60,0,NULL,NULL,'102',NULL,24,9,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[1492,1574]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(10,1,1656,9,2,1786324116,1786323810.0,60,0,NULL,NULL,'100',NULL,14,79,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,NULL,NULL,'[1656,1738]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(11,1,1985,10,2,1786323586,1786323830.0,60,0,'02255500007',NULL,'100',NULL,2,201,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,NULL,NULL,'[1985,2067]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(12,1,2149,11,2,1786323720,1786323840.0,60,4,NULL,'144',NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(13,1,2231,12,2,1786323660,1786323850.0,60,4,NULL,'130',NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(14,1,2313,13,2,1786323629,1786323860.0,60,4,'55500343',NULL,NULL,NULL,NULL,151,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(15,1,2395,14,2,1786323660,1786323870.0,60,1,'13300000275',NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(16,1,2477,15,2,1786323600,1786323880.0,60,1,'13600000047',NULL,NULL,NULL,0,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(17,1,2559,16,2,1786323621,1786323900.0,60,0,'02855500154',NULL,'101',NULL,7,405,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[2559,2641]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(18,1,2723,17,2,1786323720,1786323910.0,60,4,NULL,'151',NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(19,1,2805,18,2,1786323639,1786323930.0,60,0,'01055500033',NULL,'102',NULL,6,52,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[2805,2887]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(20,1,2969,19,2,1786323705,1786323940.0,60,4,'19900000324',NULL,NULL,NULL,NULL,435,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(21,1,3051,20,2,1786323732,1786323950.0,60,4,'02455500313',NULL,NULL,NULL,NULL,108,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(22,4,0,21,5,1786323602,1786323610.0,1,0,'55500009',NULL,NULL,NULL,0,315,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[0,54,97]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(23,4,134,22,5,1786323606,1786323620.0,1,0,'55500013',NULL,'100','5550100',3,7,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,3,NULL,NULL,'[134,184,227]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(24,4,262,23,5,1786323616,1786323630.0,1,1,'55500013',NULL,NULL,'5550100',13,0,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[262,312]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(25,4,366,24,5,1786323639,1786323650.0,1,0,'057155500058',NULL,'101','5550100',2,24,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[366,420,467]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(26,4,503,25,5,1786323665,1786323660.0,1,0,'057155500058',NULL,'132','5550100',4,139,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[503,557,604]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(27,4,641,26,5,1786323639,1786323670.0,1,1,'4000000290',NULL,NULL,NULL,42,0,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[641,697]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(28,4,732,27,5,1786323644,1786323680.0,1,0,'17700000258',NULL,'102','5550100',2,12,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[732,785,831]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(29,4,867,28,5,1786323658,1786323690.0,1,0,'17700000258',NULL,'107','5550100',22,182,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[867,920,966]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(30,4,1003,29,5,1786323657,1786323700.0,1,0,'1790902455500010',NULL,NULL,NULL,6,194,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,6,NULL,NULL,NULL,'[1003,1065,1116]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(31,4,1153,30,5,1786323661,1786323710.0,1,0,'0012125550085',NULL,NULL,NULL,6,1009,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[1153,1212,1260]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(32,4,1298,31,5,1786323697,1786323720.0,1,0,'55500337',NULL,'100','5550100',8,11,NULL,0,0,NULL,NULL,'3',NULL,NULL,NULL,NULL,3,NULL,NULL,'[1298,1348,1391]',0,NULL,NULL);
INSERT INTO "stored_calls" VALUES(33,4,1427,32,5,1786323716,1786323730.0,1,0,'55500337',NULL,'123','5550100',11,254,NULL,0,0,NULL,NULL,'3',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[1427,1477,1520]',0,NULL,NULL);
CREATE TABLE stored_legs (
    source INTEGER NOT NULL,       -- words.id
    offset INTEGER NOT NULL,
    size INTEGER,                  -- bytes of its frame in the journal; null when `leg` has its text
    call INTEGER,                  -- offset of the call's first leg; null in that leg itself
    received REAL,                 -- null when it is that of the call
    extra TEXT,                    -- JSON: what else the vendor prints
    leg TEXT,                      -- JSON: what is not as its call tells; null when that is nothing
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;
INSERT INTO "stored_legs" VALUES(1,165,82,NULL,1786323610.0,NULL,'{"talk_s":33,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,247,82,165,NULL,'{"code":"TR"}','{"start":1786323648,"extension":"132","ring_s":6,"talk_s":246}');
INSERT INTO "stored_legs" VALUES(1,329,82,NULL,1786323630.0,NULL,'{"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,411,82,329,NULL,'{"code":"TR"}','{"start":1786323695,"outcome":"unanswered","extension":"144","ring_s":25,"talk_s":0}');
INSERT INTO "stored_legs" VALUES(1,493,82,NULL,1786323650.0,NULL,'{"talk_s":6,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,575,82,493,NULL,'{"code":"TR"}','{"start":1786323656,"extension":"134","ring_s":15,"talk_s":49}');
INSERT INTO "stored_legs" VALUES(1,657,82,NULL,1786323670.0,NULL,'{"talk_s":26,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,754,82,657,NULL,'{"code":"TR"}','{"start":1786323739,"extension":"146","ring_s":17,"talk_s":84}');
INSERT INTO "stored_legs" VALUES(1,836,82,NULL,1786323700.0,NULL,'{"talk_s":12,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,918,82,836,NULL,'{"code":"TR"}','{"start":1786323950,"extension":"152","ring_s":5,"talk_s":125}');
INSERT INTO "stored_legs" VALUES(1,1000,82,NULL,1786323720.0,NULL,'{"start":1786324043,"talk_s":26,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,1082,82,1000,NULL,'{"code":"TR"}','{"extension":"148","ring_s":3,"talk_s":49}');
INSERT INTO "stored_legs" VALUES(1,1164,82,NULL,1786323740.0,NULL,'{"talk_s":8,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,1246,82,1164,NULL,'{"code":"TR"}','{"start":1786324097,"extension":"103","ring_s":9,"talk_s":394}');
INSERT INTO "stored_legs" VALUES(1,1328,82,NULL,1786323760.0,NULL,'{"talk_s":10,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,1410,82,1328,NULL,'{"code":"TR"}','{"start":1786324088,"extension":"124","ring_s":19,"talk_s":93}');
INSERT INTO "stored_legs" VALUES(1,1492,82,NULL,1786323780.0,NULL,'{"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,1574,82,1492,NULL,'{"code":"TR"}','{"start":1786324140,"outcome":"unanswered","extension":"125","ring_s":60,"talk_s":0}');
INSERT INTO "stored_legs" VALUES(1,1656,82,NULL,1786323800.0,NULL,'{"talk_s":10,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,1738,82,1656,NULL,'{"code":"TR"}','{"start":1786324183,"extension":"106","ring_s":8,"talk_s":69}');
INSERT INTO "stored_legs" VALUES(1,1985,82,NULL,1786323820.0,NULL,'{"start":1786323589,"talk_s":9,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,2067,82,1985,NULL,'{"code":"TR"}','{"extension":"127","talk_s":192}');
INSERT INTO "stored_legs" VALUES(1,2149,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,2231,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,2313,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,2395,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,2477,82,NULL,NULL,'{"code":"NA"}',NULL);
INSERT INTO "stored_legs" VALUES(1,2559,82,NULL,1786323890.0,NULL,'{"talk_s":32,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,2641,82,2559,NULL,'{"code":"TR"}','{"start":1786323695,"extension":"149","ring_s":12,"talk_s":373}');
INSERT INTO "stored_legs" VALUES(1,2723,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,2805,82,NULL,1786323920.0,NULL,'{"talk_s":15,"transferred":false}');
INSERT INTO "stored_legs" VALUES(1,2887,82,2805,NULL,'{"code":"TR"}','{"start":1786323677,"extension":"122","talk_s":37}');
INSERT INTO "stored_legs" VALUES(1,2969,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(1,3051,82,NULL,NULL,NULL,NULL);
INSERT INTO "stored_legs" VALUES(4,0,54,NULL,NULL,'{"event":"CALL","line":"SIP21","own_number":"5550100"}','{"outcome":"unknown","ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,54,43,0,NULL,'{"event":"CONNECT"}','{"direction":"unknown","trunk":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,97,37,0,NULL,'{"event":"DISCONNECT"}','{"direction":"unknown","extension":null,"trunk":null,"number":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,134,50,NULL,NULL,'{"event":"RING","line":"SIP01"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,184,43,134,NULL,'{"event":"CONNECT"}','{"start":1786323609,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,227,35,134,NULL,'{"event":"DISCONNECT"}','{"start":1786323609,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,262,50,NULL,NULL,'{"event":"RING","line":"SIP01"}','{"outcome":"unknown","ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,312,35,262,NULL,'{"event":"DISCONNECT"}','{"start":1786323629,"direction":"unknown","trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,366,54,NULL,NULL,'{"event":"RING","line":"SIP01"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,420,47,366,NULL,'{"event":"CONNECT"}','{"start":1786323641,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,467,36,366,NULL,'{"event":"DISCONNECT"}','{"start":1786323641,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,503,54,NULL,NULL,'{"event":"RING","line":"SIP01"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,557,47,503,NULL,'{"event":"CONNECT"}','{"start":1786323669,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,604,37,503,NULL,'{"event":"DISCONNECT"}','{"start":1786323669,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,641,56,NULL,NULL,'{"event":"CALL","line":"SIP20","own_number":"5550100"}','{"outcome":"unknown","ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,697,35,641,NULL,'{"event":"DISCONNECT"}','{"start":1786323681,"direction":"unknown","extension":null,"trunk":null,"number":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,732,53,NULL,NULL,'{"event":"RING","line":"SIP02"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,785,46,732,NULL,'{"event":"CONNECT"}','{"start":1786323646,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,831,36,732,NULL,'{"event":"DISCONNECT"}','{"start":1786323646,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,867,53,NULL,NULL,'{"event":"RING","line":"SIP02"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,920,46,867,NULL,'{"event":"CONNECT"}','{"start":1786323680,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,966,37,867,NULL,'{"event":"DISCONNECT"}','{"start":1786323680,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,1003,62,NULL,NULL,'{"event":"CALL","line":"SIP19","own_number":"5550100"}','{"outcome":"unknown","ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1065,51,1003,NULL,'{"event":"CONNECT"}','{"start":1786323663,"direction":"unknown","trunk":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1116,37,1003,NULL,'{"event":"DISCONNECT"}','{"start":1786323663,"direction":"unknown","extension":null,"trunk":null,"number":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,1153,59,NULL,NULL,'{"event":"CALL","line":"SIP18","own_number":"5550100"}','{"outcome":"unknown","ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1212,48,1153,NULL,'{"event":"CONNECT"}','{"start":1786323667,"direction":"unknown","trunk":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1260,38,1153,NULL,'{"event":"DISCONNECT"}','{"start":1786323667,"direction":"unknown","extension":null,"trunk":null,"number":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,1298,50,NULL,NULL,'{"event":"RING","line":"SIP03"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1348,43,1298,NULL,'{"event":"CONNECT"}','{"start":1786323705,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1391,36,1298,NULL,'{"event":"DISCONNECT"}','{"start":1786323705,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
INSERT INTO "stored_legs" VALUES(4,1427,50,NULL,NULL,'{"event":"RING","line":"SIP03"}','{"outcome":"unknown","extension":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1477,43,1427,NULL,'{"event":"CONNECT"}','{"start":1786323727,"direction":"unknown","trunk":null,"did":null,"ring_s":null,"talk_s":null}');
INSERT INTO "stored_legs" VALUES(4,1520,37,1427,NULL,'{"event":"DISCONNECT"}','{"start":1786323727,"direction":"unknown","extension":null,"trunk":null,"number":null,"did":null,"ring_s":null}');
CREATE TABLE stored_sums (         -- one row per local hour and combination; longer periods are sums of hours
    seq INTEGER NOT NULL,          -- changes whenever the row changes; outputs follow it
    combination INTEGER NOT NULL,  -- combinations.id
    hour INTEGER NOT NULL,
    calls INTEGER NOT NULL,        -- counted in the hour they start in, as are the next nine
    answered INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    busy INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    ring_known INTEGER NOT NULL,   -- answered calls whose ring time is reported
    ring_s INTEGER NOT NULL,       -- their ring times, summed
    within_target INTEGER NOT NULL,-- of them, those answered within the site's target
    talk_s INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    held_s INTEGER NOT NULL,       -- seconds of occupancy (ring, talk, hold) that fall in this hour; Erlangs = held_s / 3600
    PRIMARY KEY (hour, combination)
) WITHOUT ROWID;
INSERT INTO "stored_sums" VALUES(34,1,1786320000,1,1,0,0,0,1,8,1,279,0,41);
INSERT INTO "stored_sums" VALUES(44,10,1786320000,1,1,0,0,0,1,2,1,201,0,14);
INSERT INTO "stored_sums" VALUES(35,1,1786323600,0,0,0,0,0,0,0,0,0,0,246);
INSERT INTO "stored_sums" VALUES(36,2,1786323600,2,2,0,0,0,2,16,2,155,0,171);
INSERT INTO "stored_sums" VALUES(37,3,1786323600,1,1,0,0,0,1,2,1,55,0,57);
INSERT INTO "stored_sums" VALUES(38,4,1786323600,1,1,0,0,0,1,8,1,110,0,118);
INSERT INTO "stored_sums" VALUES(39,5,1786323600,1,1,0,0,0,1,11,1,75,0,86);
INSERT INTO "stored_sums" VALUES(40,6,1786323600,1,1,0,0,0,1,0,1,402,0,402);
INSERT INTO "stored_sums" VALUES(41,7,1786323600,1,1,0,0,0,1,4,1,103,0,107);
INSERT INTO "stored_sums" VALUES(42,8,1786323600,1,1,0,0,0,1,24,0,9,0,33);
INSERT INTO "stored_sums" VALUES(43,9,1786323600,1,1,0,0,0,1,14,1,79,0,93);
INSERT INTO "stored_sums" VALUES(45,10,1786323600,0,0,0,0,0,0,0,0,0,0,189);
INSERT INTO "stored_sums" VALUES(46,11,1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "stored_sums" VALUES(47,12,1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "stored_sums" VALUES(48,13,1786323600,1,0,0,0,0,0,0,0,151,0,151);
INSERT INTO "stored_sums" VALUES(49,14,1786323600,1,0,1,0,0,0,0,0,0,0,0);
INSERT INTO "stored_sums" VALUES(50,15,1786323600,1,0,1,0,0,0,0,0,0,0,0);
INSERT INTO "stored_sums" VALUES(51,16,1786323600,1,1,0,0,0,1,7,1,405,0,412);
INSERT INTO "stored_sums" VALUES(52,17,1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "stored_sums" VALUES(53,18,1786323600,1,1,0,0,0,1,6,1,52,0,58);
INSERT INTO "stored_sums" VALUES(54,19,1786323600,1,0,0,0,0,0,0,0,435,0,435);
INSERT INTO "stored_sums" VALUES(55,20,1786323600,1,0,0,0,0,0,0,0,108,0,108);
INSERT INTO "stored_sums" VALUES(56,21,1786323600,1,1,0,0,0,0,0,0,315,0,315);
INSERT INTO "stored_sums" VALUES(58,22,1786323600,1,1,0,0,0,1,3,1,7,0,10);
INSERT INTO "stored_sums" VALUES(57,23,1786323600,1,0,1,0,0,0,0,0,0,0,13);
INSERT INTO "stored_sums" VALUES(60,24,1786323600,1,1,0,0,0,1,2,1,24,0,26);
INSERT INTO "stored_sums" VALUES(61,25,1786323600,1,1,0,0,0,1,4,1,139,0,143);
INSERT INTO "stored_sums" VALUES(62,26,1786323600,1,0,1,0,0,0,0,0,0,0,42);
INSERT INTO "stored_sums" VALUES(64,27,1786323600,1,1,0,0,0,1,2,1,12,0,14);
INSERT INTO "stored_sums" VALUES(65,28,1786323600,1,1,0,0,0,1,22,0,182,0,204);
INSERT INTO "stored_sums" VALUES(66,29,1786323600,1,1,0,0,0,0,0,0,194,0,200);
INSERT INTO "stored_sums" VALUES(67,30,1786323600,1,1,0,0,0,0,0,0,1009,0,1015);
INSERT INTO "stored_sums" VALUES(69,31,1786323600,1,1,0,0,0,1,8,1,11,0,19);
INSERT INTO "stored_sums" VALUES(70,32,1786323600,1,1,0,0,0,1,11,1,254,0,265);
CREATE TABLE words (               -- sources, formats, carriers, persons
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
);
INSERT INTO "words" VALUES(1,'pbx1');
INSERT INTO "words" VALUES(2,'panasonic/kx-tda');
INSERT INTO "words" VALUES(3,'Li Na');
INSERT INTO "words" VALUES(4,'pbx2');
INSERT INTO "words" VALUES(5,'fritzbox/callmonitor');
INSERT INTO "words" VALUES(6,'17909');
CREATE UNIQUE INDEX stored_calls_identity ON stored_calls (source, offset);
CREATE INDEX stored_calls_open ON stored_calls (received) WHERE open;
CREATE VIEW legs AS
SELECT sources.word AS source, legs.offset, size, stored_calls.offset AS call,
    coalesce(legs.received, stored_calls.received) AS received, extra, leg
FROM stored_legs AS legs
JOIN words AS sources ON sources.id = legs.source
LEFT JOIN stored_calls ON stored_calls.source = legs.source AND stored_calls.offset = coalesce(call, legs.offset);
CREATE VIEW calls AS
SELECT seq, sources.word AS source, offset, formats.word AS format, start, resolution_s, direction,
    CASE outcome WHEN 0 THEN 'answered' WHEN 1 THEN 'unanswered' WHEN 2 THEN 'busy' WHEN 3 THEN 'failed' ELSE 'unknown'
    END AS outcome,
    class, nullif(extension, '') AS extension, peer_extension, answered_by, nullif(trunk, '') AS trunk, number, did,
    ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code, pbx_call_id, meter_pulses, pbx_cost, currency,
    carriers.word AS carrier, nullif(department, '') AS department, persons.word AS person, cost, rated_s,
    coalesce(flags, '[]') AS flags, coalesce(legs, '[' || offset || ']') AS legs, received, open,
    coalesce(former, '[]') AS former
FROM stored_calls
JOIN words AS sources ON sources.id = stored_calls.source
JOIN words AS formats ON formats.id = stored_calls.format
JOIN combinations ON combinations.id = stored_calls.combination
LEFT JOIN words AS carriers ON carriers.id = stored_calls.carrier
LEFT JOIN words AS persons ON persons.id = stored_calls.person;
CREATE UNIQUE INDEX stored_sums_combination ON stored_sums (combination, hour);
CREATE UNIQUE INDEX stored_sums_seq ON stored_sums (seq);
CREATE VIEW rollups AS
SELECT seq, combination, word AS source, direction, class, department, extension, trunk, hour, calls, answered, unanswered, busy, failed,
    ring_known, ring_s, within_target, talk_s, cost_micros, held_s
FROM stored_sums
JOIN combinations ON combinations.id = stored_sums.combination
JOIN words ON words.id = combinations.source;
CREATE INDEX stored_calls_start ON stored_calls (start, seq, combination, outcome, ring_s);
COMMIT;
