-- Sealwright on SQL Server 2019 or newer and Azure SQL: the database and its owner.
-- Written by `./dev grants` from src-tauri/base/store-sql/src/roles; do not edit.
--
-- In the database `master`, unless the database exists:
--
--   CREATE DATABASE [sealwright];
--
-- The rest in the database itself, as its db_owner. It may be run again.

-- Readers see what was committed and wait for no writer. Azure SQL has the first of the two by default; changing it ends
-- the transactions that run at the moment.
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND is_read_committed_snapshot_on = 0)
  ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND snapshot_isolation_state = 0)
  ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON;

-- The owner makes and changes tables, and nothing of the program runs as the owner: sign in with it for
-- `sealwright migrate` and for moving data in, and store its password nowhere.
IF DATABASE_PRINCIPAL_ID(N'sealwright_owner') IS NULL CREATE ROLE [sealwright_owner];
GRANT CREATE TABLE TO [sealwright_owner];
GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, REFERENCES ON SCHEMA::dbo TO [sealwright_owner];

-- A member for it, one of these:
--
--   CREATE LOGIN seal_owner WITH PASSWORD = '...';  CREATE USER seal_owner FOR LOGIN seal_owner;
--   CREATE USER [Database administrators] FROM EXTERNAL PROVIDER;   -- a group of Entra ID, Azure SQL and SQL Server 2022
--   CREATE USER [CONTOSO\Database administrators] FROM WINDOWS;     -- a group of Windows
--   ALTER ROLE [sealwright_owner] ADD MEMBER seal_owner;
--
-- Then: `sealwright migrate`, and after it grants.sql.
