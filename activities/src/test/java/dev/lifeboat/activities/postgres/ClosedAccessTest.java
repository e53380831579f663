package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ClosedAccessTest {

    @Test
    void onlyTheServersOwnUserComesInByPeerOverTheLocalSocket() {
        ClosedAccess closed = new ClosedAccess("postgres", "postgres");

        assertThat(rulesOf(closed)).containsExactly("local all \"postgres\" peer");
        assertThat(closed.needsMap()).isFalse();
    }

    @Test
    void anotherRoleThanTheOperatingSystemUserIsMappedByOneLineMore() {
        ClosedAccess closed = new ClosedAccess("pg", "admin");
        byte[] original = "# mine".getBytes(StandardCharsets.UTF_8);

        String ident = new String(closed.ident(original), StandardCharsets.UTF_8);

        assertThat(rulesOf(closed)).containsExactly("local all \"admin\" peer map=lifeboat_recovery");
        assertThat(ident).startsWith("# mine\n").endsWith("\nlifeboat_recovery \"pg\" \"admin\"\n");
    }

    @Test
    void aRoleNamedLikeAKeyWordIsNoKeyWord() {
        assertThat(rulesOf(new ClosedAccess("all", "all"))).containsExactly("local all \"all\" peer");
    }

    @Test
    void closedRulesAreRecognised() {
        assertThat(ClosedAccess.isClosed(new ClosedAccess("a", "b").hba())).isTrue();
        assertThat(ClosedAccess.isClosed("local all all trust\n".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    private static java.util.List<String> rulesOf(ClosedAccess closed) {
        return new String(closed.hba(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }
}
