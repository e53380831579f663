package dev.lifeboat.worker;

import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.LifeboatConfig.Temporal;
import dev.lifeboat.config.LifeboatConfig.Tls;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.contract.PayloadMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.serviceclient.ServiceStubsOptions;
import io.temporal.serviceclient.SimpleSslContextBuilder;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The way to Temporal, as configured. Making one does not need the server to be there. */
final class TemporalConnection {

    private TemporalConnection() {}

    static WorkflowServiceStubs stubs(Temporal temporal, Map<String, String> environment, MeterRegistry registry) {
        WorkflowServiceStubsOptions.Builder options = WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal.address())
                .setMetricsScope(metrics(registry))
                // After an outage the channel is tried again within a second, not within a minute.
                .setConnectionBackoffResetFrequency(Duration.ofSeconds(1))
                .setGrpcReconnectFrequency(Duration.ofMinutes(10));
        secure(options, temporal, environment);
        if (!temporal.stickyWorkflows()) {
            options.addGrpcClientInterceptor(new StickyOffInterceptor());
        }
        return WorkflowServiceStubs.newServiceStubs(options.build());
    }

    static WorkflowClient client(WorkflowServiceStubs stubs, Temporal temporal, String workerName) {
        return WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(temporal.namespace())
                        .setIdentity(workerName)
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build());
    }

    static <B extends ServiceStubsOptions.Builder<B>> void secure(
            ServiceStubsOptions.Builder<B> options, Temporal temporal, Map<String, String> environment) {
        SecretRef apiKey = temporal.apiKey();
        if (apiKey != null) {
            options.addApiKey(() -> apiKey.resolve(environment));
            options.setEnableHttps(true);
        }
        Tls tls = temporal.tls();
        if (tls != null) {
            secure(options, tls);
        }
    }

    private static <B extends ServiceStubsOptions.Builder<B>> void secure(
            ServiceStubsOptions.Builder<B> options, Tls tls) {
        try (InputStream certificate = open(tls.clientCert());
                InputStream key = open(tls.clientKey())) {
            SimpleSslContextBuilder context = tls.clientCert() == null
                    ? SimpleSslContextBuilder.noKeyOrCertChain()
                    : SimpleSslContextBuilder.forPKCS8(certificate, key);
            Path serverCa = tls.serverCaCert();
            if (serverCa != null) {
                context.setTrustManager(trusting(serverCa).getTrustManagers()[0]);
            }
            options.setSslContext(context.build());
            String name = tls.serverName();
            if (name != null) {
                options.setChannelInitializer(channel -> channel.overrideAuthority(name));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(
                    "temporal.tls cannot be used: " + e.getMessage(),
                    "check that the certificates and the key (PKCS#8) are PEM files which the worker's user can read");
        }
    }

    private static InputStream open(@Nullable Path file) throws IOException {
        return file == null ? InputStream.nullInputStream() : Files.newInputStream(file);
    }

    private static TrustManagerFactory trusting(Path serverCa) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(serverCa)) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("server-ca-" + number++, certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static Scope metrics(MeterRegistry registry) {
        return new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(registry))
                .reportEvery(com.uber.m3.util.Duration.ofSeconds(10));
    }
}
