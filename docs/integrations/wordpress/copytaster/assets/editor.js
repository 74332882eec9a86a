/* The panels of the block editor: before publishing, and in the sidebar what was decided last. Plain JavaScript, nothing to build. */
( function ( wp ) {
	const { createElement: el, Fragment, useEffect, useState } = wp.element;
	const { Button, Notice, Spinner, TextareaControl } = wp.components;
	const { useDispatch, useSelect, select, dispatch, subscribe } = wp.data;
	const { __, sprintf } = wp.i18n;
	// They moved from one package to the other with WordPress 6.6.
	const home = wp.editor.PluginPrePublishPanel ? wp.editor : wp.editPost;
	const { PluginPrePublishPanel, PluginDocumentSettingPanel } = home;
	const mayOverride = Boolean( window.copytasterSettings.mayOverride );

	const STATUS = { cleared: 'success', noted: 'warning', held: 'error', unchecked: 'warning', overridden: 'info' };
	const HEADLINES = {
		publish: __( 'Nothing speaks against publishing.', 'copytaster' ),
		review: __( 'An editor should look at this first.', 'copytaster' ),
		reject: __( 'This should not be published as it is.', 'copytaster' ),
		'': __( 'This could not be checked.', 'copytaster' ),
	};

	function list( items ) {
		return el( 'ul', null, items.map( ( item, index ) => el( 'li', { key: index }, item ) ) );
	}

	function Match( { match } ) {
		const title = match.title || match.id;
		const when = match.published ? new Date( match.published ).toLocaleDateString() : '';
		const aside = [ match.source, when, match.kind ].filter( Boolean ).join( ' · ' );
		return el(
			Fragment,
			null,
			el(
				'p',
				{ className: 'copytaster-earlier' },
				match.url ? el( 'a', { href: match.url, target: '_blank', rel: 'noopener' }, title ) : el( 'strong', null, title ),
				el( 'br' ),
				el( 'span', { className: 'copytaster-aside' }, aside )
			),
			match.passages.map( ( passage, index ) => el( 'blockquote', { key: index }, passage ) ),
			match.differs.length > 0 &&
				el(
					'p',
					{ className: 'copytaster-aside' },
					__( 'What differs: ', 'copytaster' ),
					match.differs.map( ( { here, there } ) => `${ there || '–' } → ${ here || '–' }` ).join( '; ' )
				)
		);
	}

	function Evidence( { view, children } ) {
		return el(
			'div',
			{ className: 'copytaster-evidence' },
			el(
				Notice,
				{ status: STATUS[ view.state ], isDismissible: false },
				el( 'strong', null, view.state === 'overridden' ? view.label : HEADLINES[ view.action ] ),
				view.reasons.length > 0 && list( view.reasons.map( ( reason ) => reason.text ) ),
				view.note && el( 'p', null, sprintf( __( '%1$s: “%2$s”', 'copytaster' ), view.editor, view.note ) )
			),
			children,
			view.matches.length > 0 && el( 'h3', null, __( 'Earlier items', 'copytaster' ) ),
			view.matches.map( ( match ) => el( Match, { key: match.id, match } ) ),
			view.filler.length > 0 && el( 'h3', null, __( 'Sentences that say little', 'copytaster' ) ),
			view.filler.map( ( sentence, index ) => el( 'blockquote', { key: index }, sentence.text ) )
		);
	}

	function useDraft() {
		return useSelect( ( store ) => {
			const editor = store( 'core/editor' );
			return {
				post: editor.getCurrentPostId(),
				title: editor.getEditedPostAttribute( 'title' ) || '',
				content: editor.getEditedPostContent(),
				note: editor.getEditedPostAttribute( 'copytaster_override' ) || '',
			};
		}, [] );
	}

	function useCheck() {
		const { post, title, content } = useDraft();
		const [ view, setView ] = useState( null );
		const [ fault, setFault ] = useState( '' );
		const [ busy, setBusy ] = useState( false );
		const check = () => {
			setBusy( true );
			setFault( '' );
			wp.apiFetch( { path: '/copytaster/v1/check', method: 'POST', data: { post, title, content } } )
				.then( setView, ( error ) => setFault( error.message ) )
				.finally( () => setBusy( false ) );
		};
		return { view, fault, busy, check };
	}

	function Override() {
		const { note } = useDraft();
		const { editPost } = useDispatch( 'core/editor' );
		return el( TextareaControl, {
			label: __( 'Publish it anyway, because…', 'copytaster' ),
			help: __( 'Your note is kept with the post and sent to copytaster.', 'copytaster' ),
			rows: 2,
			value: note,
			onChange: ( text ) => editPost( { copytaster_override: text } ),
		} );
	}

	function Checked( { atOnce, stored } ) {
		const { view, fault, busy, check } = useCheck();
		useEffect( () => {
			if ( atOnce ) {
				check();
			}
		}, [] );
		const shown = view || stored;
		const stopped = shown && ! shown.passes;
		return el(
			Fragment,
			null,
			busy && el( 'p', null, el( Spinner ), __( 'Checking…', 'copytaster' ) ),
			fault && el( Notice, { status: 'error', isDismissible: false }, fault ),
			shown &&
				el(
					Evidence,
					{ view: shown },
					stopped && ! mayOverride && el( 'p', null, __( 'If you publish now, the post waits for an editor.', 'copytaster' ) ),
					stopped && mayOverride && el( Override )
				),
			el( Button, { variant: 'secondary', onClick: check, disabled: busy }, shown ? __( 'Check again', 'copytaster' ) : __( 'Check now', 'copytaster' ) )
		);
	}

	function Panels() {
		const stored = useSelect( ( store ) => store( 'core/editor' ).getCurrentPostAttribute( 'copytaster' ), [] );
		return el(
			Fragment,
			null,
			el(
				PluginPrePublishPanel,
				{ title: __( 'copytaster', 'copytaster' ), initialOpen: true, className: 'copytaster-before' },
				el( Checked, { atOnce: true } )
			),
			el(
				PluginDocumentSettingPanel,
				{ name: 'copytaster', title: __( 'copytaster', 'copytaster' ), className: 'copytaster-document' },
				el( Checked, { stored, key: stored ? stored.made : 0 } )
			)
		);
	}

	wp.plugins.registerPlugin( 'copytaster', { render: Panels, icon: 'search' } );

	// The server has the last word: when it held what was published, the author is told so, and why.
	let saving = false;
	let before = 0; // When the decision was made that was known before the save.
	subscribe( () => {
		const editor = select( 'core/editor' );
		const now = editor.isSavingPost() && ! editor.isAutosavingPost();
		const ended = saving && ! now;
		if ( now && ! saving ) {
			before = ( editor.getCurrentPostAttribute( 'copytaster' ) || { made: 0 } ).made;
		}
		saving = now;
		const decision = ended && editor.didPostSaveRequestSucceed() && editor.getCurrentPostAttribute( 'copytaster' );
		if ( ! decision || decision.passes || editor.getCurrentPostAttribute( 'status' ) !== 'pending' || decision.made === before ) {
			return;
		}
		dispatch( 'core/notices' ).createWarningNotice( sprintf( __( 'Not published; the post is pending. %s', 'copytaster' ), decision.why ), { id: 'copytaster' } );
		dispatch( 'core/edit-post' ).openGeneralSidebar( 'edit-post/document' );
	} );
} )( window.wp );
