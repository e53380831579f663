package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The page in the bucket that says how to restore from it without Lifeboat: the section "By hand" of the runbook, word for
 * word, so that there is one text to keep right and to test, and how to restore a dump. Beside it lies the script with
 * which it decrypts.
 */
final class RestorePage {

    private static final String RUNBOOK = "README.md";
    private static final String FROM = "## By hand";
    private static final String TO = "## Evidence";
    private static final String DUMPS = "restore-a-dump.md";
    private static final String SCRIPT = "lifeboat-decrypt.py";
    private static final String HEAD =
            """
            # How to restore without Lifeboat

            What lies in this bucket can be restored with a shell and the tools below; nothing of Lifeboat is needed. This page is written
            with every backup, by the version of Lifeboat that took it.

            """;

    private RestorePage() {}

    /** Writes page and script unless they are there already, word for word. */
    static void keep(ObjectStore store) {
        keep(store, BucketLayout.RESTORE_SCRIPT, resource(SCRIPT));
        keep(store, BucketLayout.RESTORE_PAGE, text());
    }

    private static void keep(ObjectStore store, String key, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        if (!Arrays.equals(wanted, current(store, key))) {
            store.put(key, wanted);
        }
    }

    static String text() {
        String runbook = resource(RUNBOOK);
        int from = runbook.indexOf(FROM);
        int to = runbook.indexOf(TO, Math.max(from, 0));
        if (from < 0 || to < 0) {
            throw new IllegalStateException("the runbook in this build has no section '" + FROM + "'");
        }
        return HEAD + runbook.substring(from, to).strip() + "\n\n"
                + resource(DUMPS).strip() + "\n";
    }

    private static byte[] current(ObjectStore store, String key) {
        try {
            return store.readAll(key);
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return new byte[0];
            }
            throw e;
        }
    }

    private static String resource(String name) {
        try (InputStream in = RestorePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
