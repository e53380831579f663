package dev.lifeboat.activities.store;

import dev.lifeboat.config.LifeboatConfig.Encryption;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.SecretRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys as an operator would have made and configured them. */
public final class TestKeys {

    private TestKeys() {}

    /** A fresh pair, as recipient and identity. */
    public static DataKeys in(Path folder) {
        PrivateKey.Pair pair = pair(folder, "backup");
        return of(List.of(pair), pair);
    }

    public static PrivateKey.Pair pair(Path folder, String name) {
        return PrivateKey.generate(folder.resolve(name));
    }

    /** @param identity null on a host that only backs up */
    public static DataKeys of(List<PrivateKey.Pair> recipients, PrivateKey.@Nullable Pair identity) {
        List<Path> files = recipients.stream().map(PrivateKey.Pair::publicFile).toList();
        SecretRef secret = identity == null ? null : new SecretRef("file:" + identity.privateFile(), Path.of("/"));
        return new DataKeys(new Encryption(files, secret), Map.of());
    }
}
