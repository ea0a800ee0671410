PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,       -- changes whenever the call changes; outputs follow it
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,       -- identity: first leg's first byte in the source's stream
    format TEXT NOT NULL,
    start INTEGER NOT NULL,
    resolution_s INTEGER NOT NULL,
    direction TEXT NOT NULL,
    outcome TEXT NOT NULL,
    class TEXT NOT NULL,
    extension TEXT, peer_extension TEXT, answered_by TEXT, trunk TEXT, number TEXT, did TEXT,
    ring_s INTEGER, talk_s INTEGER, hold_s INTEGER,
    transferred INTEGER NOT NULL, conference INTEGER NOT NULL,
    account_code TEXT, auth_code TEXT, pbx_call_id TEXT, meter_pulses INTEGER, pbx_cost TEXT, currency TEXT,
    carrier TEXT, department TEXT, person TEXT, cost TEXT,
    flags TEXT NOT NULL,           -- JSON array
    legs TEXT NOT NULL,            -- JSON array of leg offsets
    received REAL NOT NULL,
    open INTEGER NOT NULL,         -- 1 while more legs are certain to come: not sent to outputs yet
    retagged INTEGER NOT NULL,     -- 1 when direction, outcome, class, department, extension, trunk, carrier or start
                                   -- changed after outputs may have seen the call: they delete the old point first
    CHECK (open IN (0, 1) AND retagged IN (0, 1))
);
INSERT INTO "calls" VALUES(2,'pbx2',0,'fritzbox/callmonitor',1786323602,1,'outgoing','answered','local','112',NULL,NULL,'21','55500009',NULL,0,315,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[0,54,97]',1786323610.0,0,0);
INSERT INTO "calls" VALUES(5,'pbx1',165,'panasonic/kx-tda',1786323559,60,'incoming','answered','mobile','100',NULL,'100','01','15800000014',NULL,8,279,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[165,247]',1786323620.0,0,0);
INSERT INTO "calls" VALUES(6,'pbx2',134,'fritzbox/callmonitor',1786323606,1,'incoming','answered','local','100',NULL,'100','01','55500013','5550100',3,7,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[134,184,227]',1786323620.0,0,0);
INSERT INTO "calls" VALUES(12,'pbx2',262,'fritzbox/callmonitor',1786323616,1,'incoming','unanswered','local',NULL,NULL,NULL,'01','55500013','5550100',13,0,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[262,312]',1786323630.0,0,0);
INSERT INTO "calls" VALUES(15,'pbx1',329,'panasonic/kx-tda',1786323630,60,'incoming','answered','domestic','102',NULL,'102','02','02155500041',NULL,12,18,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[329,411]',1786323640.0,0,0);
INSERT INTO "calls" VALUES(18,'pbx2',366,'fritzbox/callmonitor',1786323639,1,'incoming','answered','domestic','101',NULL,'101','01','057155500058','5550100',2,24,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[366,420,467]',1786323650.0,0,0);
INSERT INTO "calls" VALUES(22,'pbx1',493,'panasonic/kx-tda',1786323652,60,'incoming','answered','unknown','101',NULL,'101','03',NULL,NULL,2,55,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[493,575]',1786323660.0,0,0);
INSERT INTO "calls" VALUES(23,'pbx2',503,'fritzbox/callmonitor',1786323665,1,'incoming','answered','domestic','132',NULL,'132','01','057155500058','5550100',4,139,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[503,557,604]',1786323660.0,0,0);
INSERT INTO "calls" VALUES(28,'pbx2',641,'fritzbox/callmonitor',1786323639,1,'outgoing','unanswered','service','119',NULL,NULL,'20','4000000290',NULL,42,0,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[641,697]',1786323670.0,0,0);
INSERT INTO "calls" VALUES(31,'pbx2',732,'fritzbox/callmonitor',1786323644,1,'incoming','answered','mobile','102',NULL,'102','02','17700000258','5550100',2,12,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[732,785,831]',1786323680.0,0,0);
INSERT INTO "calls" VALUES(34,'pbx1',657,'panasonic/kx-tda',1786323686,60,'incoming','answered','local','100',NULL,'100','02','55500229',NULL,8,110,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[657,754]',1786323690.0,0,0);
INSERT INTO "calls" VALUES(35,'pbx2',867,'fritzbox/callmonitor',1786323658,1,'incoming','answered','mobile','107',NULL,'107','02','17700000258','5550100',22,182,NULL,0,0,NULL,NULL,'2',NULL,NULL,NULL,NULL,'Sales',NULL,NULL,'[]','[867,920,966]',1786323690.0,0,0);
INSERT INTO "calls" VALUES(40,'pbx2',1003,'fritzbox/callmonitor',1786323657,1,'outgoing','answered','domestic','108',NULL,NULL,'19','1790902455500010',NULL,6,194,NULL,0,0,NULL,NULL,'0',NULL,NULL,NULL,'17909',NULL,NULL,NULL,'[]','[1003,1065,1116]',1786323700.0,0,0);
INSERT INTO "calls" VALUES(43,'pbx1',836,'panasonic/kx-tda',1786323944,60,'incoming','answered','domestic','102',NULL,'102','02','02855500004',NULL,4,137,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[836,918]',1786323710.0,0,0);
INSERT INTO "calls" VALUES(44,'pbx2',1153,'fritzbox/callmonitor',1786323661,1,'outgoing','answered','international','127',NULL,NULL,'18','0012125550085',NULL,6,1009,NULL,0,0,NULL,NULL,'1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[1153,1212,1260]',1786323710.0,0,0);
INSERT INTO "calls" VALUES(48,'pbx2',1298,'fritzbox/callmonitor',1786323697,1,'incoming','answered','local','100',NULL,'100','03','55500337','5550100',8,11,NULL,0,0,NULL,NULL,'3',NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[1298,1348,1391]',1786323720.0,0,0);
INSERT INTO "calls" VALUES(52,'pbx1',1000,'panasonic/kx-tda',1786324028,60,'incoming','answered','mobile','100',NULL,'100','03','18600000017',NULL,11,75,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[1000,1082]',1786323730.0,0,1);
INSERT INTO "calls" VALUES(53,'pbx2',1427,'fritzbox/callmonitor',1786323716,1,'incoming','answered','local','123',NULL,'123','03','55500337','5550100',11,254,NULL,0,0,NULL,NULL,'3',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[1427,1477,1520]',1786323730.0,0,0);
INSERT INTO "calls" VALUES(59,'pbx1',1164,'panasonic/kx-tda',1786324072,60,'incoming','answered','international','102',NULL,'102','01','0081300000000',NULL,0,402,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[1164,1246]',1786323750.0,0,0);
INSERT INTO "calls" VALUES(63,'pbx1',1328,'panasonic/kx-tda',1786324066,60,'incoming','answered','local','101',NULL,'101','02','55500243',NULL,4,103,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[1328,1410]',1786323770.0,0,0);
INSERT INTO "calls" VALUES(67,'pbx1',1492,'panasonic/kx-tda',1786324107,60,'incoming','answered','unknown','102',NULL,'102','06',NULL,NULL,24,9,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[1492,1574]',1786323790.0,0,0);
INSERT INTO "calls" VALUES(71,'pbx1',1656,'panasonic/kx-tda',1786324116,60,'incoming','answered','unknown','100',NULL,'100','07',NULL,NULL,14,79,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[1656,1738]',1786323810.0,0,0);
INSERT INTO "calls" VALUES(75,'pbx1',1985,'panasonic/kx-tda',1786323586,60,'incoming','answered','domestic','100',NULL,'100','01','02255500007',NULL,2,201,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard','Li Na',NULL,'[]','[1985,2067]',1786323830.0,0,1);
INSERT INTO "calls" VALUES(78,'pbx1',2149,'panasonic/kx-tda',1786323720,60,'internal','unknown','internal','109','144',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2149]',1786323840.0,0,0);
INSERT INTO "calls" VALUES(80,'pbx1',2231,'panasonic/kx-tda',1786323660,60,'internal','unknown','internal','105','130',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Sales',NULL,NULL,'[]','[2231]',1786323850.0,0,0);
INSERT INTO "calls" VALUES(82,'pbx1',2313,'panasonic/kx-tda',1786323629,60,'outgoing','unknown','local','145',NULL,NULL,'21','55500343',NULL,NULL,151,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2313]',1786323860.0,0,0);
INSERT INTO "calls" VALUES(84,'pbx1',2395,'panasonic/kx-tda',1786323660,60,'outgoing','unanswered','mobile','139',NULL,NULL,'20','13300000275',NULL,NULL,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2395]',1786323870.0,0,0);
INSERT INTO "calls" VALUES(86,'pbx1',2477,'panasonic/kx-tda',1786323600,60,'incoming','unanswered','mobile','109',NULL,NULL,'02','13600000047',NULL,0,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2477]',1786323880.0,0,0);
INSERT INTO "calls" VALUES(90,'pbx1',2559,'panasonic/kx-tda',1786323621,60,'incoming','answered','domestic','101',NULL,'101','02','02855500154',NULL,7,405,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[2559,2641]',1786323900.0,0,0);
INSERT INTO "calls" VALUES(92,'pbx1',2723,'panasonic/kx-tda',1786323720,60,'internal','unknown','internal','112','151',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2723]',1786323910.0,0,0);
INSERT INTO "calls" VALUES(96,'pbx1',2805,'panasonic/kx-tda',1786323639,60,'incoming','answered','domestic','102',NULL,'102','03','01055500033',NULL,6,52,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Switchboard',NULL,NULL,'[]','[2805,2887]',1786323930.0,0,0);
INSERT INTO "calls" VALUES(98,'pbx1',2969,'panasonic/kx-tda',1786323705,60,'outgoing','unknown','mobile','146',NULL,NULL,'20','19900000324',NULL,NULL,435,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[2969]',1786323940.0,0,0);
INSERT INTO "calls" VALUES(100,'pbx1',3051,'panasonic/kx-tda',1786323732,60,'outgoing','unknown','domestic','126',NULL,NULL,'19','02455500313',NULL,NULL,108,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','[3051]',1786323950.0,0,0);
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
CREATE TABLE legs (
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    call INTEGER NOT NULL,         -- offset of the call's first leg
    received REAL NOT NULL,
    leg TEXT NOT NULL,             -- JSON of the leg
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;
INSERT INTO "legs" VALUES('pbx1',165,165,1786323610.0,'{"offset":165,"format":"panasonic/kx-tda","start":1786323559,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"100","trunk":"01","number":"15800000014","ring_s":8,"talk_s":33,"raw":"10/08/26 09:00     100 01 <I>15800000014            0''08 00:00''33               "}');
INSERT INTO "legs" VALUES('pbx1',247,165,1786323620.0,'{"offset":247,"format":"panasonic/kx-tda","start":1786323648,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"132","trunk":"01","number":"15800000014","ring_s":6,"talk_s":246,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:05     132 01 <I>15800000014            0''06 00:04''06            TR "}');
INSERT INTO "legs" VALUES('pbx1',329,329,1786323630.0,'{"offset":329,"format":"panasonic/kx-tda","start":1786323630,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"102","trunk":"02","number":"02155500041","ring_s":12,"talk_s":18,"raw":"10/08/26 09:01     102 02 <I>02155500041            0''12 00:00''18               "}');
INSERT INTO "legs" VALUES('pbx1',411,329,1786323640.0,'{"offset":411,"format":"panasonic/kx-tda","start":1786323695,"resolution_s":60,"direction":"incoming","outcome":"unanswered","extension":"144","trunk":"02","number":"02155500041","ring_s":25,"talk_s":0,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:02     144 02 <I>02155500041            0''25 00:00''00            TR "}');
INSERT INTO "legs" VALUES('pbx1',493,493,1786323650.0,'{"offset":493,"format":"panasonic/kx-tda","start":1786323652,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"101","trunk":"03","ring_s":2,"talk_s":6,"raw":"10/08/26 09:01     101 03 <I>                       0''02 00:00''06               "}');
INSERT INTO "legs" VALUES('pbx1',575,493,1786323660.0,'{"offset":575,"format":"panasonic/kx-tda","start":1786323656,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"134","trunk":"03","ring_s":15,"talk_s":49,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:02     134 03 <I>                       0''15 00:00''49            TR "}');
INSERT INTO "legs" VALUES('pbx1',657,657,1786323670.0,'{"offset":657,"format":"panasonic/kx-tda","start":1786323686,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"100","trunk":"02","number":"55500229","ring_s":8,"talk_s":26,"raw":"10/08/26 09:02     100 02 <I>55500229               0''08 00:00''26               "}');
INSERT INTO "legs" VALUES('pbx1',754,657,1786323690.0,'{"offset":754,"format":"panasonic/kx-tda","start":1786323739,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"146","trunk":"02","number":"55500229","ring_s":17,"talk_s":84,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:04     146 02 <I>55500229               0''17 00:01''24            TR "}');
INSERT INTO "legs" VALUES('pbx1',836,836,1786323700.0,'{"offset":836,"format":"panasonic/kx-tda","start":1786323944,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"102","trunk":"02","number":"02855500004","ring_s":4,"talk_s":12,"raw":"10/08/26 09:06     102 02 <I>02855500004            0''04 00:00''12               "}');
INSERT INTO "legs" VALUES('pbx1',918,836,1786323710.0,'{"offset":918,"format":"panasonic/kx-tda","start":1786323950,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"152","trunk":"02","number":"02855500004","ring_s":5,"talk_s":125,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:08     152 02 <I>02855500004            0''05 00:02''05            TR "}');
INSERT INTO "legs" VALUES('pbx1',1000,1000,1786323720.0,'{"offset":1000,"format":"panasonic/kx-tda","start":1786324043,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"100","trunk":"03","number":"18600000017","ring_s":11,"talk_s":26,"raw":"10/08/26 09:08     100 03 <I>18600000017            0''11 00:00''26               "}');
INSERT INTO "legs" VALUES('pbx1',1082,1000,1786323730.0,'{"offset":1082,"format":"panasonic/kx-tda","start":1786324028,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"148","trunk":"03","number":"18600000017","ring_s":3,"talk_s":49,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:08     148 03 <I>18600000017            0''03 00:00''49            TR "}');
INSERT INTO "legs" VALUES('pbx1',1164,1164,1786323740.0,'{"offset":1164,"format":"panasonic/kx-tda","start":1786324072,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"102","trunk":"01","number":"0081300000000","ring_s":0,"talk_s":8,"raw":"10/08/26 09:08     102 01 <I>0081300000000          0''00 00:00''08               "}');
INSERT INTO "legs" VALUES('pbx1',1246,1164,1786323750.0,'{"offset":1246,"format":"panasonic/kx-tda","start":1786324097,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"103","trunk":"01","number":"0081300000000","ring_s":9,"talk_s":394,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:15     103 01 <I>0081300000000          0''09 00:06''34            TR "}');
INSERT INTO "legs" VALUES('pbx1',1328,1328,1786323760.0,'{"offset":1328,"format":"panasonic/kx-tda","start":1786324066,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"101","trunk":"02","number":"55500243","ring_s":4,"talk_s":10,"raw":"10/08/26 09:08     101 02 <I>55500243               0''04 00:00''10               "}');
INSERT INTO "legs" VALUES('pbx1',1410,1328,1786323770.0,'{"offset":1410,"format":"panasonic/kx-tda","start":1786324088,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"124","trunk":"02","number":"55500243","ring_s":19,"talk_s":93,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:10     124 02 <I>55500243               0''19 00:01''33            TR "}');
INSERT INTO "legs" VALUES('pbx1',1492,1492,1786323780.0,'{"offset":1492,"format":"panasonic/kx-tda","start":1786324107,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"102","trunk":"06","ring_s":24,"talk_s":9,"raw":"10/08/26 09:09     102 06 <I>                       0''24 00:00''09               "}');
INSERT INTO "legs" VALUES('pbx1',1574,1492,1786323790.0,'{"offset":1574,"format":"panasonic/kx-tda","start":1786324140,"resolution_s":60,"direction":"incoming","outcome":"unanswered","extension":"125","trunk":"06","ring_s":60,"talk_s":0,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:10     125 06 <I>                       1''00 00:00''00            TR "}');
INSERT INTO "legs" VALUES('pbx1',1656,1656,1786323800.0,'{"offset":1656,"format":"panasonic/kx-tda","start":1786324116,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"100","trunk":"07","ring_s":14,"talk_s":10,"raw":"10/08/26 09:09     100 07 <I>                       0''14 00:00''10               "}');
INSERT INTO "legs" VALUES('pbx1',1738,1656,1786323810.0,'{"offset":1738,"format":"panasonic/kx-tda","start":1786324183,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"106","trunk":"07","ring_s":8,"talk_s":69,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:11     106 07 <I>                       0''08 00:01''09            TR "}');
INSERT INTO "legs" VALUES('pbx1',1985,1985,1786323820.0,'{"offset":1985,"format":"panasonic/kx-tda","start":1786323589,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"100","trunk":"01","number":"02255500007","ring_s":2,"talk_s":9,"raw":"10/08/26 09:00     100 01 <I>02255500007            0''02 00:00''09               "}');
INSERT INTO "legs" VALUES('pbx1',2067,1985,1786323830.0,'{"offset":2067,"format":"panasonic/kx-tda","start":1786323586,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"127","trunk":"01","number":"02255500007","ring_s":2,"talk_s":192,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:03     127 01 <I>02255500007            0''02 00:03''12            TR "}');
INSERT INTO "legs" VALUES('pbx1',2149,2149,1786323840.0,'{"offset":2149,"format":"panasonic/kx-tda","start":1786323720,"resolution_s":60,"direction":"internal","outcome":"unknown","extension":"109","peer_extension":"144","raw":"10/08/26 09:02     109    EXT144                                                "}');
INSERT INTO "legs" VALUES('pbx1',2231,2231,1786323850.0,'{"offset":2231,"format":"panasonic/kx-tda","start":1786323660,"resolution_s":60,"direction":"internal","outcome":"unknown","extension":"105","peer_extension":"130","raw":"10/08/26 09:01     105    EXT130                                                "}');
INSERT INTO "legs" VALUES('pbx1',2313,2313,1786323860.0,'{"offset":2313,"format":"panasonic/kx-tda","start":1786323629,"resolution_s":60,"direction":"outgoing","outcome":"unknown","extension":"145","trunk":"21","number":"55500343","talk_s":151,"raw":"10/08/26 09:03     145 21 55500343                       00:02''31               "}');
INSERT INTO "legs" VALUES('pbx1',2395,2395,1786323870.0,'{"offset":2395,"format":"panasonic/kx-tda","start":1786323660,"resolution_s":60,"direction":"outgoing","outcome":"unanswered","extension":"139","trunk":"20","number":"13300000275","talk_s":0,"raw":"10/08/26 09:01     139 20 13300000275                    00:00''00               "}');
INSERT INTO "legs" VALUES('pbx1',2477,2477,1786323880.0,'{"offset":2477,"format":"panasonic/kx-tda","start":1786323600,"resolution_s":60,"direction":"incoming","outcome":"unanswered","extension":"109","trunk":"02","number":"13600000047","ring_s":0,"talk_s":0,"extra":{"code":"NA"},"raw":"10/08/26 09:00     109 02 <I>13600000047            0''00 00:00''00            NA "}');
INSERT INTO "legs" VALUES('pbx1',2559,2559,1786323890.0,'{"offset":2559,"format":"panasonic/kx-tda","start":1786323621,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"101","trunk":"02","number":"02855500154","ring_s":7,"talk_s":32,"raw":"10/08/26 09:01     101 02 <I>02855500154            0''07 00:00''32               "}');
INSERT INTO "legs" VALUES('pbx1',2641,2559,1786323900.0,'{"offset":2641,"format":"panasonic/kx-tda","start":1786323695,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"149","trunk":"02","number":"02855500154","ring_s":12,"talk_s":373,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:08     149 02 <I>02855500154            0''12 00:06''13            TR "}');
INSERT INTO "legs" VALUES('pbx1',2723,2723,1786323910.0,'{"offset":2723,"format":"panasonic/kx-tda","start":1786323720,"resolution_s":60,"direction":"internal","outcome":"unknown","extension":"112","peer_extension":"151","raw":"10/08/26 09:02     112    EXT151                                                "}');
INSERT INTO "legs" VALUES('pbx1',2805,2805,1786323920.0,'{"offset":2805,"format":"panasonic/kx-tda","start":1786323639,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"102","trunk":"03","number":"01055500033","ring_s":6,"talk_s":15,"raw":"10/08/26 09:01     102 03 <I>01055500033            0''06 00:00''15               "}');
INSERT INTO "legs" VALUES('pbx1',2887,2805,1786323930.0,'{"offset":2887,"format":"panasonic/kx-tda","start":1786323677,"resolution_s":60,"direction":"incoming","outcome":"answered","extension":"122","trunk":"03","number":"01055500033","ring_s":6,"talk_s":37,"transferred":true,"extra":{"code":"TR"},"raw":"10/08/26 09:02     122 03 <I>01055500033            0''06 00:00''37            TR "}');
INSERT INTO "legs" VALUES('pbx1',2969,2969,1786323940.0,'{"offset":2969,"format":"panasonic/kx-tda","start":1786323705,"resolution_s":60,"direction":"outgoing","outcome":"unknown","extension":"146","trunk":"20","number":"19900000324","talk_s":435,"raw":"10/08/26 09:09     146 20 19900000324                    00:07''15               "}');
INSERT INTO "legs" VALUES('pbx1',3051,3051,1786323950.0,'{"offset":3051,"format":"panasonic/kx-tda","start":1786323732,"resolution_s":60,"direction":"outgoing","outcome":"unknown","extension":"126","trunk":"19","number":"02455500313","talk_s":108,"raw":"10/08/26 09:04     126 19 02455500313                    00:01''48               "}');
INSERT INTO "legs" VALUES('pbx2',0,0,1786323610.0,'{"offset":0,"format":"fritzbox/callmonitor","start":1786323602,"resolution_s":1,"direction":"outgoing","outcome":"unknown","extension":"112","trunk":"21","number":"55500009","pbx_call_id":"1","extra":{"event":"CALL","line":"SIP21","own_number":"5550100"},"raw":"10.08.26 09:00:02;CALL;1;112;5550100;55500009;SIP21;"}');
INSERT INTO "legs" VALUES('pbx2',54,0,1786323610.0,'{"offset":54,"format":"fritzbox/callmonitor","start":1786323602,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"112","number":"55500009","pbx_call_id":"1","extra":{"event":"CONNECT"},"raw":"10.08.26 09:00:02;CONNECT;1;112;55500009;"}');
INSERT INTO "legs" VALUES('pbx2',97,0,1786323610.0,'{"offset":97,"format":"fritzbox/callmonitor","start":1786323602,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":315,"pbx_call_id":"1","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:05:17;DISCONNECT;1;315;"}');
INSERT INTO "legs" VALUES('pbx2',134,134,1786323620.0,'{"offset":134,"format":"fritzbox/callmonitor","start":1786323606,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"01","number":"55500013","did":"5550100","pbx_call_id":"2","extra":{"event":"RING","line":"SIP01"},"raw":"10.08.26 09:00:06;RING;2;55500013;5550100;SIP01;"}');
INSERT INTO "legs" VALUES('pbx2',184,134,1786323620.0,'{"offset":184,"format":"fritzbox/callmonitor","start":1786323609,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"100","number":"55500013","pbx_call_id":"2","extra":{"event":"CONNECT"},"raw":"10.08.26 09:00:09;CONNECT;2;100;55500013;"}');
INSERT INTO "legs" VALUES('pbx2',227,134,1786323620.0,'{"offset":227,"format":"fritzbox/callmonitor","start":1786323609,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":7,"pbx_call_id":"2","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:00:16;DISCONNECT;2;7;"}');
INSERT INTO "legs" VALUES('pbx2',262,262,1786323630.0,'{"offset":262,"format":"fritzbox/callmonitor","start":1786323616,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"01","number":"55500013","did":"5550100","pbx_call_id":"2","extra":{"event":"RING","line":"SIP01"},"raw":"10.08.26 09:00:16;RING;2;55500013;5550100;SIP01;"}');
INSERT INTO "legs" VALUES('pbx2',312,262,1786323630.0,'{"offset":312,"format":"fritzbox/callmonitor","start":1786323629,"resolution_s":1,"direction":"unknown","outcome":"unanswered","talk_s":0,"pbx_call_id":"2","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:00:29;DISCONNECT;2;0;"}');
INSERT INTO "legs" VALUES('pbx2',366,366,1786323650.0,'{"offset":366,"format":"fritzbox/callmonitor","start":1786323639,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"01","number":"057155500058","did":"5550100","pbx_call_id":"0","extra":{"event":"RING","line":"SIP01"},"raw":"10.08.26 09:00:39;RING;0;057155500058;5550100;SIP01;"}');
INSERT INTO "legs" VALUES('pbx2',420,366,1786323650.0,'{"offset":420,"format":"fritzbox/callmonitor","start":1786323641,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"101","number":"057155500058","pbx_call_id":"0","extra":{"event":"CONNECT"},"raw":"10.08.26 09:00:41;CONNECT;0;101;057155500058;"}');
INSERT INTO "legs" VALUES('pbx2',467,366,1786323650.0,'{"offset":467,"format":"fritzbox/callmonitor","start":1786323641,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":24,"pbx_call_id":"0","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:01:05;DISCONNECT;0;24;"}');
INSERT INTO "legs" VALUES('pbx2',503,503,1786323660.0,'{"offset":503,"format":"fritzbox/callmonitor","start":1786323665,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"01","number":"057155500058","did":"5550100","pbx_call_id":"0","extra":{"event":"RING","line":"SIP01"},"raw":"10.08.26 09:01:05;RING;0;057155500058;5550100;SIP01;"}');
INSERT INTO "legs" VALUES('pbx2',557,503,1786323660.0,'{"offset":557,"format":"fritzbox/callmonitor","start":1786323669,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"132","number":"057155500058","pbx_call_id":"0","extra":{"event":"CONNECT"},"raw":"10.08.26 09:01:09;CONNECT;0;132;057155500058;"}');
INSERT INTO "legs" VALUES('pbx2',604,503,1786323660.0,'{"offset":604,"format":"fritzbox/callmonitor","start":1786323669,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":139,"pbx_call_id":"0","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:03:28;DISCONNECT;0;139;"}');
INSERT INTO "legs" VALUES('pbx2',641,641,1786323670.0,'{"offset":641,"format":"fritzbox/callmonitor","start":1786323639,"resolution_s":1,"direction":"outgoing","outcome":"unknown","extension":"119","trunk":"20","number":"4000000290","pbx_call_id":"1","extra":{"event":"CALL","line":"SIP20","own_number":"5550100"},"raw":"10.08.26 09:00:39;CALL;1;119;5550100;4000000290;SIP20;"}');
INSERT INTO "legs" VALUES('pbx2',697,641,1786323670.0,'{"offset":697,"format":"fritzbox/callmonitor","start":1786323681,"resolution_s":1,"direction":"unknown","outcome":"unanswered","talk_s":0,"pbx_call_id":"1","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:01:21;DISCONNECT;1;0;"}');
INSERT INTO "legs" VALUES('pbx2',732,732,1786323680.0,'{"offset":732,"format":"fritzbox/callmonitor","start":1786323644,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"02","number":"17700000258","did":"5550100","pbx_call_id":"2","extra":{"event":"RING","line":"SIP02"},"raw":"10.08.26 09:00:44;RING;2;17700000258;5550100;SIP02;"}');
INSERT INTO "legs" VALUES('pbx2',785,732,1786323680.0,'{"offset":785,"format":"fritzbox/callmonitor","start":1786323646,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"102","number":"17700000258","pbx_call_id":"2","extra":{"event":"CONNECT"},"raw":"10.08.26 09:00:46;CONNECT;2;102;17700000258;"}');
INSERT INTO "legs" VALUES('pbx2',831,732,1786323680.0,'{"offset":831,"format":"fritzbox/callmonitor","start":1786323646,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":12,"pbx_call_id":"2","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:00:58;DISCONNECT;2;12;"}');
INSERT INTO "legs" VALUES('pbx2',867,867,1786323690.0,'{"offset":867,"format":"fritzbox/callmonitor","start":1786323658,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"02","number":"17700000258","did":"5550100","pbx_call_id":"2","extra":{"event":"RING","line":"SIP02"},"raw":"10.08.26 09:00:58;RING;2;17700000258;5550100;SIP02;"}');
INSERT INTO "legs" VALUES('pbx2',920,867,1786323690.0,'{"offset":920,"format":"fritzbox/callmonitor","start":1786323680,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"107","number":"17700000258","pbx_call_id":"2","extra":{"event":"CONNECT"},"raw":"10.08.26 09:01:20;CONNECT;2;107;17700000258;"}');
INSERT INTO "legs" VALUES('pbx2',966,867,1786323690.0,'{"offset":966,"format":"fritzbox/callmonitor","start":1786323680,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":182,"pbx_call_id":"2","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:04:22;DISCONNECT;2;182;"}');
INSERT INTO "legs" VALUES('pbx2',1003,1003,1786323700.0,'{"offset":1003,"format":"fritzbox/callmonitor","start":1786323657,"resolution_s":1,"direction":"outgoing","outcome":"unknown","extension":"108","trunk":"19","number":"1790902455500010","pbx_call_id":"0","extra":{"event":"CALL","line":"SIP19","own_number":"5550100"},"raw":"10.08.26 09:00:57;CALL;0;108;5550100;1790902455500010;SIP19;"}');
INSERT INTO "legs" VALUES('pbx2',1065,1003,1786323700.0,'{"offset":1065,"format":"fritzbox/callmonitor","start":1786323663,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"108","number":"1790902455500010","pbx_call_id":"0","extra":{"event":"CONNECT"},"raw":"10.08.26 09:01:03;CONNECT;0;108;1790902455500010;"}');
INSERT INTO "legs" VALUES('pbx2',1116,1003,1786323700.0,'{"offset":1116,"format":"fritzbox/callmonitor","start":1786323663,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":194,"pbx_call_id":"0","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:04:17;DISCONNECT;0;194;"}');
INSERT INTO "legs" VALUES('pbx2',1153,1153,1786323710.0,'{"offset":1153,"format":"fritzbox/callmonitor","start":1786323661,"resolution_s":1,"direction":"outgoing","outcome":"unknown","extension":"127","trunk":"18","number":"0012125550085","pbx_call_id":"1","extra":{"event":"CALL","line":"SIP18","own_number":"5550100"},"raw":"10.08.26 09:01:01;CALL;1;127;5550100;0012125550085;SIP18;"}');
INSERT INTO "legs" VALUES('pbx2',1212,1153,1786323710.0,'{"offset":1212,"format":"fritzbox/callmonitor","start":1786323667,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"127","number":"0012125550085","pbx_call_id":"1","extra":{"event":"CONNECT"},"raw":"10.08.26 09:01:07;CONNECT;1;127;0012125550085;"}');
INSERT INTO "legs" VALUES('pbx2',1260,1153,1786323710.0,'{"offset":1260,"format":"fritzbox/callmonitor","start":1786323667,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":1009,"pbx_call_id":"1","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:17:56;DISCONNECT;1;1009;"}');
INSERT INTO "legs" VALUES('pbx2',1298,1298,1786323720.0,'{"offset":1298,"format":"fritzbox/callmonitor","start":1786323697,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"03","number":"55500337","did":"5550100","pbx_call_id":"3","extra":{"event":"RING","line":"SIP03"},"raw":"10.08.26 09:01:37;RING;3;55500337;5550100;SIP03;"}');
INSERT INTO "legs" VALUES('pbx2',1348,1298,1786323720.0,'{"offset":1348,"format":"fritzbox/callmonitor","start":1786323705,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"100","number":"55500337","pbx_call_id":"3","extra":{"event":"CONNECT"},"raw":"10.08.26 09:01:45;CONNECT;3;100;55500337;"}');
INSERT INTO "legs" VALUES('pbx2',1391,1298,1786323720.0,'{"offset":1391,"format":"fritzbox/callmonitor","start":1786323705,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":11,"pbx_call_id":"3","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:01:56;DISCONNECT;3;11;"}');
INSERT INTO "legs" VALUES('pbx2',1427,1427,1786323730.0,'{"offset":1427,"format":"fritzbox/callmonitor","start":1786323716,"resolution_s":1,"direction":"incoming","outcome":"unknown","trunk":"03","number":"55500337","did":"5550100","pbx_call_id":"3","extra":{"event":"RING","line":"SIP03"},"raw":"10.08.26 09:01:56;RING;3;55500337;5550100;SIP03;"}');
INSERT INTO "legs" VALUES('pbx2',1477,1427,1786323730.0,'{"offset":1477,"format":"fritzbox/callmonitor","start":1786323727,"resolution_s":1,"direction":"unknown","outcome":"answered","extension":"123","number":"55500337","pbx_call_id":"3","extra":{"event":"CONNECT"},"raw":"10.08.26 09:02:07;CONNECT;3;123;55500337;"}');
INSERT INTO "legs" VALUES('pbx2',1520,1427,1786323730.0,'{"offset":1520,"format":"fritzbox/callmonitor","start":1786323727,"resolution_s":1,"direction":"unknown","outcome":"answered","talk_s":254,"pbx_call_id":"3","extra":{"event":"DISCONNECT"},"raw":"10.08.26 09:06:21;DISCONNECT;3;254;"}');
CREATE TABLE links (               -- state of every input, written when it changes
    source TEXT PRIMARY KEY,
    state TEXT NOT NULL,           -- connecting, open, waiting, closed, failed
    detail TEXT NOT NULL,          -- a sentence: why it waits, who is connected
    since REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO "links" VALUES('pbx1','open','Following it.',1786323600.0);
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
INSERT INTO "outputs" VALUES('influx','ok',5,3,NULL,1786323700.0);
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
INSERT INTO "rejected" VALUES('pbx2',347,1786323640.0,'field-count','1 fields separated by '';'', at least 6 expected','10.08.26 nonsense');
CREATE TABLE rollups (             -- one row per local hour and combination; longer periods are sums of hours
    seq INTEGER NOT NULL,          -- changes whenever the row changes; outputs follow it
    source TEXT NOT NULL,
    direction TEXT NOT NULL,
    class TEXT NOT NULL,
    department TEXT NOT NULL,      -- '' when none
    extension TEXT NOT NULL,
    trunk TEXT NOT NULL,
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
    PRIMARY KEY (source, direction, class, department, extension, trunk, hour)
) WITHOUT ROWID;
INSERT INTO "rollups" VALUES(76,'pbx1','incoming','domestic','Switchboard','100','01',1786320000,1,1,0,0,0,1,2,1,201,0,14);
INSERT INTO "rollups" VALUES(77,'pbx1','incoming','domestic','Switchboard','100','01',1786323600,0,0,0,0,0,0,0,0,0,0,189);
INSERT INTO "rollups" VALUES(91,'pbx1','incoming','domestic','Switchboard','101','02',1786323600,1,1,0,0,0,1,7,1,405,0,412);
INSERT INTO "rollups" VALUES(45,'pbx1','incoming','domestic','Switchboard','102','02',1786323600,2,2,0,0,0,2,16,2,155,0,171);
INSERT INTO "rollups" VALUES(97,'pbx1','incoming','domestic','Switchboard','102','03',1786323600,1,1,0,0,0,1,6,1,52,0,58);
INSERT INTO "rollups" VALUES(60,'pbx1','incoming','international','Switchboard','102','01',1786323600,1,1,0,0,0,1,0,1,402,0,402);
INSERT INTO "rollups" VALUES(36,'pbx1','incoming','local','Switchboard','100','02',1786323600,1,1,0,0,0,1,8,1,110,0,118);
INSERT INTO "rollups" VALUES(64,'pbx1','incoming','local','Switchboard','101','02',1786323600,1,1,0,0,0,1,4,1,103,0,107);
INSERT INTO "rollups" VALUES(87,'pbx1','incoming','mobile','','109','02',1786323600,1,0,1,0,0,0,0,0,0,0,0);
INSERT INTO "rollups" VALUES(7,'pbx1','incoming','mobile','Switchboard','100','01',1786320000,1,1,0,0,0,1,8,1,279,0,41);
INSERT INTO "rollups" VALUES(8,'pbx1','incoming','mobile','Switchboard','100','01',1786323600,0,0,0,0,0,0,0,0,0,0,246);
INSERT INTO "rollups" VALUES(54,'pbx1','incoming','mobile','Switchboard','100','03',1786323600,1,1,0,0,0,1,11,1,75,0,86);
INSERT INTO "rollups" VALUES(72,'pbx1','incoming','unknown','Switchboard','100','07',1786323600,1,1,0,0,0,1,14,1,79,0,93);
INSERT INTO "rollups" VALUES(24,'pbx1','incoming','unknown','Switchboard','101','03',1786323600,1,1,0,0,0,1,2,1,55,0,57);
INSERT INTO "rollups" VALUES(66,'pbx1','incoming','unknown','Switchboard','102','06',1786323600,1,1,0,0,0,1,24,0,9,0,33);
INSERT INTO "rollups" VALUES(79,'pbx1','internal','internal','','109','',1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "rollups" VALUES(93,'pbx1','internal','internal','','112','',1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "rollups" VALUES(81,'pbx1','internal','internal','Sales','105','',1786323600,1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO "rollups" VALUES(101,'pbx1','outgoing','domestic','','126','19',1786323600,1,0,0,0,0,0,0,0,108,0,108);
INSERT INTO "rollups" VALUES(83,'pbx1','outgoing','local','','145','21',1786323600,1,0,0,0,0,0,0,0,151,0,151);
INSERT INTO "rollups" VALUES(85,'pbx1','outgoing','mobile','','139','20',1786323600,1,0,1,0,0,0,0,0,0,0,0);
INSERT INTO "rollups" VALUES(99,'pbx1','outgoing','mobile','','146','20',1786323600,1,0,0,0,0,0,0,0,435,0,435);
INSERT INTO "rollups" VALUES(26,'pbx2','incoming','domestic','','132','01',1786323600,1,1,0,0,0,1,4,1,139,0,143);
INSERT INTO "rollups" VALUES(21,'pbx2','incoming','domestic','Switchboard','101','01',1786323600,1,1,0,0,0,1,2,1,24,0,26);
INSERT INTO "rollups" VALUES(14,'pbx2','incoming','local','','','01',1786323600,1,0,1,0,0,0,0,0,0,0,13);
INSERT INTO "rollups" VALUES(56,'pbx2','incoming','local','','123','03',1786323600,1,1,0,0,0,1,11,1,254,0,265);
INSERT INTO "rollups" VALUES(10,'pbx2','incoming','local','Switchboard','100','01',1786323600,1,1,0,0,0,1,3,1,7,0,10);
INSERT INTO "rollups" VALUES(51,'pbx2','incoming','local','Switchboard','100','03',1786323600,1,1,0,0,0,1,8,1,11,0,19);
INSERT INTO "rollups" VALUES(38,'pbx2','incoming','mobile','Sales','107','02',1786323600,1,1,0,0,0,1,22,0,182,0,204);
INSERT INTO "rollups" VALUES(33,'pbx2','incoming','mobile','Switchboard','102','02',1786323600,1,1,0,0,0,1,2,1,12,0,14);
INSERT INTO "rollups" VALUES(42,'pbx2','outgoing','domestic','','108','19',1786323600,1,1,0,0,0,0,0,0,194,0,200);
INSERT INTO "rollups" VALUES(46,'pbx2','outgoing','international','','127','18',1786323600,1,1,0,0,0,0,0,0,1009,0,1015);
INSERT INTO "rollups" VALUES(4,'pbx2','outgoing','local','','112','21',1786323600,1,1,0,0,0,0,0,0,315,0,315);
INSERT INTO "rollups" VALUES(30,'pbx2','outgoing','service','','119','20',1786323600,1,0,1,0,0,0,0,0,0,0,42);
CREATE TABLE sequence (last INTEGER NOT NULL);
INSERT INTO "sequence" VALUES(101);
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
INSERT INTO "sources" VALUES('pbx1','panasonic/kx-tda',2788,15,330,34,21,1,6,1786323950.0,450.0,'dmy',0.75,'');
INSERT INTO "sources" VALUES('pbx2','fritzbox/callmonitor',1538,19,0,34,12,1,0,1786323730.0,966.0,'dmy',0.75,'');
CREATE UNIQUE INDEX calls_identity ON calls (source, offset);
CREATE INDEX calls_start ON calls (start);
CREATE INDEX calls_open ON calls (received) WHERE open;
CREATE INDEX rollups_hour ON rollups (hour);
CREATE INDEX rollups_seq ON rollups (seq);
COMMIT;
