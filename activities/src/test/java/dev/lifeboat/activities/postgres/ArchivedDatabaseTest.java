package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArchivedDatabaseTest {

    /** As {@code pg_restore --create} of PostgreSQL 16 writes it, with the oddest names and values. */
    private static final String SQL =
            """
            --
            -- PostgreSQL database dump
            --
            \\restrict abc
            SET statement_timeout = 0;
            SELECT pg_catalog.set_config('search_path', '', false);
            --
            -- Name: my; shop; Type: DATABASE; Schema: -; Owner: postgres
            --
            CREATE DATABASE "my; shop" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LC_COLLATE = 'C' LC_CTYPE = 'C.UTF-8' ICU_LOCALE = 'und' ICU_RULES = '&a < ''b''; &c' TABLESPACE = "on ssd";
            ALTER DATABASE "my; shop" OWNER TO "DATABASE x";
            \\connect -reuse-previous=on "dbname='my; shop'"
            COMMENT ON DATABASE "my; shop" IS 'orders'' rows;
            -- no comment
            \\! true';
            ALTER DATABASE "my; shop" CONNECTION LIMIT = 77;
            ALTER DATABASE "my; shop" IS_TEMPLATE = true;
            ALTER DATABASE "my; shop" SET search_path TO 'shop', '$user', 'public';
            ALTER DATABASE "my; shop" SET statement_timeout TO '12s';
            ALTER ROLE "in DATABASE y" IN DATABASE "my; shop" SET "app.tenant" TO E'a\\\\b;';
            ALTER ROLE reader SET work_mem TO '1MB';
            REVOKE CONNECT,TEMPORARY ON DATABASE "my; shop" FROM PUBLIC;
            GRANT CONNECT ON DATABASE "my; shop" TO reader;
            SECURITY LABEL FOR selinux ON DATABASE "my; shop" IS 'x';
            DROP DATABASE "my; shop";
            """;

    private final ArchivedDatabase archived = ArchivedDatabase.parse(SQL);

    @Test
    void itIsMadeAgainAsItWasMade() {
        assertThat(archived.clause())
                .isEqualTo(
                        " encoding = 'UTF8' icu_locale = 'und' icu_rules = '&a < ''b''; &c' lc_collate = 'C' lc_ctype = 'C.UTF-8' locale_provider = icu");
        assertThat(archived.tablespace()).isEqualTo("on ssd");
    }

    @Test
    void whatIsSaidOfItIsSaidOfTheNewNameAndOfNothingElse() {
        assertThat(archived.statements().stream().map(each -> each.on("shop\"2")))
                .containsExactly(
                        "ALTER DATABASE \"shop\"\"2\" OWNER TO \"DATABASE x\"",
                        "COMMENT ON DATABASE \"shop\"\"2\" IS 'orders'' rows;\n-- no comment\n\\! true'",
                        "ALTER DATABASE \"shop\"\"2\" CONNECTION LIMIT = 77",
                        "ALTER DATABASE \"shop\"\"2\" SET search_path TO 'shop', '$user', 'public'",
                        "ALTER DATABASE \"shop\"\"2\" SET statement_timeout TO '12s'",
                        "ALTER ROLE \"in DATABASE y\" IN DATABASE \"shop\"\"2\" SET \"app.tenant\" TO E'a\\\\b;'",
                        "REVOKE CONNECT,TEMPORARY ON DATABASE \"shop\"\"2\" FROM PUBLIC",
                        "GRANT CONNECT ON DATABASE \"shop\"\"2\" TO reader",
                        "SECURITY LABEL FOR selinux ON DATABASE \"shop\"\"2\" IS 'x'");
    }

    @Test
    void aCopyThatNobodyWorksWithGetsSettingsThatHarmNothing() {
        assertThat(archived.harmlessSettings().statements())
                .extracting(ArchivedDatabase.Statement::setting)
                .containsExactly("search_path", "\"app.tenant\"");
    }

    @Test
    void theLinesOfTheListAreThoseOfTheDatabaseAlone() {
        List<String> ours = List.of(
                "3436; 1262 16384 DATABASE - shop postgres",
                "3437; 0 0 ACL - DATABASE shop postgres",
                "3438; 0 0 COMMENT - DATABASE shop postgres",
                "3439; 0 0 DATABASE PROPERTIES - shop postgres",
                "3440; 0 0 SECURITY LABEL - DATABASE shop postgres");

        assertThat(ArchivedDatabase.entries("; dbname: shop\n" + String.join("\n", ours)
                        + "\n215; 1259 16390 TABLE public DATABASE postgres\n3; 0 0 COMMENT - SCHEMA shop postgres"))
                .isEqualTo(ours);
    }

    @Test
    void anArchiveThatSaysNothingSetsNothing() {
        assertThat(ArchivedDatabase.parse("SET lock_timeout = 0;\n\\connect shop\n"))
                .isEqualTo(ArchivedDatabase.UNKNOWN);
    }
}
