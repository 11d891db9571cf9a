-- Sealwright on MySQL 8, MariaDB 10.6 or newer, Azure Database for MySQL: the database and its owner.
-- Written by `./dev grants` from src-tauri/base/store-sql/src/roles; do not edit.
--
-- Run it as an administrator of the server. It may be run again.

CREATE DATABASE IF NOT EXISTS `sealwright` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The owner makes and changes tables, and nothing of the program runs as the owner: sign in with it for
-- `sealwright migrate` and for moving data in, and store its password nowhere.
CREATE ROLE IF NOT EXISTS `sealwright_owner`;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER, LOCK TABLES
  ON `sealwright`.* TO `sealwright_owner`;

-- An account for it, with a password of your own and only from where you administer:
--
--   CREATE USER 'seal_owner'@'10.1.2.3' IDENTIFIED BY '...' REQUIRE SSL;
--   GRANT `sealwright_owner` TO 'seal_owner'@'10.1.2.3';
--   SET DEFAULT ROLE `sealwright_owner` TO 'seal_owner'@'10.1.2.3';     -- MySQL
--   SET DEFAULT ROLE `sealwright_owner` FOR 'seal_owner'@'10.1.2.3';    -- MariaDB
--
-- With binary logging on, MySQL lets an account without SUPER make triggers only under
-- `SET GLOBAL log_bin_trust_function_creators = 1` (on Azure: the server parameter of that name).
--
-- Then: `sealwright migrate`, and after it grants.sql.
